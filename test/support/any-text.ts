import fc from "fast-check";

const SURROGATES = 0x800;
const FIRST_SURROGATE = 0xd800;

/**
 * Any code point but half a surrogate pair. It is fast-check's unit "binary", without the table of all
 * code points that this builds in each test file: a second of processor time.
 */
export const anyCharacter = fc.nat(0x10ffff - SURROGATES).map(
  (at) => String.fromCodePoint(at < FIRST_SURROGATE ? at : at + SURROGATES),
  (text) => {
    const point = typeof text === "string" ? (text.codePointAt(0) ?? -1) : -1;
    const isOther = point < 0 || text !== String.fromCodePoint(point);
    const isHalf = point >= FIRST_SURROGATE && point < FIRST_SURROGATE + SURROGATES;
    if (isOther || isHalf) throw new Error("not one character");
    return point < FIRST_SURROGATE ? point : point - SURROGATES;
  },
);

/** Any text, as `fc.string({ unit: "binary" })`. */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}
