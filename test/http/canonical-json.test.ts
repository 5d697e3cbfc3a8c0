import { describe, expect, test } from "@jest/globals";
import fc, { type JsonValue } from "fast-check";
import { canonicalJson } from "../../lib/http/canonical-json.ts";
import { anyCharacter } from "../support/any-text.ts";

describe("two texts are the same value:", () => {
  test.each([
    ["members in another order", '{"b":2,"a":1}', '{"a":1,"b":2}'],
    ["nested members in another order", '[{"x":{"b":2,"a":1}}]', '[{"x":{"a":1,"b":2}}]'],
    ["white space", ' {\t"a" :\r\n[ 1 , 2 ] } \n', '{"a":[1,2]}'],
    ["a unicode escape", '{"\\u0061":"\\u00e9"}', '{"a":"é"}'],
    ["an escape in upper case", '"\\u00E9"', '"\\u00e9"'],
    ["a surrogate pair", '"\\ud83d\\ude00"', '"😀"'],
    ["an escaped slash", '"a\\/b"', '"a/b"'],
    ["an escaped quote", '"\\u0022"', '"\\""'],
    ["an escaped control character", '"\\u000a"', '"\\n"'],
    ["an escaped name changes the order", '{"\\u0062":2,"a":1}', '{"a":1,"b":2}'],
  ])("%s", (_name, one, other) => {
    expect(canonicalJson(one)).toBeDefined();
    expect(canonicalJson(one)).toBe(canonicalJson(other));
  });
});

describe("two texts are different values:", () => {
  test.each([
    ["elements in another order", "[1,2]", "[2,1]"],
    ["numbers that differ beyond 2^53", "9007199254740993", "9007199254740992"],
    ["amounts that differ beyond 2^53", '{"a":9007199254740993}', '{"a":9007199254740992}'],
    ["fractions that a double cannot tell apart", "0.1", "0.10000000000000000001"],
    ["numbers too large for a double", "1e400", "1e401"],
    ["a number in another notation", "1.0", "1"],
    ["zero and minus zero", "0", "-0"],
    ["a number and its text", "1", '"1"'],
    ["null and nothing", '{"a":null}', "{}"],
    ["true and its text", "true", '"true"'],
    ["an empty array and an empty object", "[]", "{}"],
    ["a name in another case", '{"a":1}', '{"A":1}'],
    ["composed and decomposed letters", '"\\u00e9"', '"e\\u0301"'],
    ["two lone surrogates", '"\\ud800"', '"\\ud801"'],
    ["a lone surrogate and the replacement character", '"\\ud800"', '"\\ufffd"'],
    ["one member twice, first value differs", '{"a":1,"a":2}', '{"a":2,"a":2}'],
    ["one member twice, other order", '{"a":1,"a":2}', '{"a":2,"a":1}'],
    ["one member twice, once", '{"a":1,"a":1}', '{"a":1}'],
    ["a member __proto__", '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ["a member __proto__ and none", '{"__proto__":1}', "{}"],
    ["a member constructor", '{"constructor":1}', '{"constructor":2}'],
    ["a name that looks like two members", '{"a\\":1,\\"b":2}', '{"a":1,"b":2}'],
  ])("%s", (_name, one, other) => {
    expect(canonicalJson(one)).toBeDefined();
    expect(canonicalJson(other)).toBeDefined();
    expect(canonicalJson(one)).not.toBe(canonicalJson(other));
  });

  test("and members of one name keep their order among the others", () => {
    const text = '{"a":3,"a":1,"a":2,"b":0}';
    expect(canonicalJson('{"b":0,"a":3,"a":1,"a":2}')).toBe(text);
    expect(canonicalJson(text)).toBe(text);
  });

  test("and a member __proto__ leaves the prototypes of this process alone", () => {
    canonicalJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("a text that is not JSON has no canonical form:", () => {
  test.each([
    ["nothing", ""],
    ["white space only", "  "],
    ["an object that does not end", '{"a":1'],
    ["a member without a value", '{"a":}'],
    ["a member without a colon", '{"a" 1}'],
    ["a name without quotes", "{a:1}"],
    ["a number as a name", "{1:1}"],
    ["a comma at the end of an object", '{"a":1,}'],
    ["a comma at the end of an array", "[1,]"],
    ["a comma alone", "[,]"],
    ["an array that does not end", "[1"],
    ["the wrong bracket", "[1}"],
    ["two values", "1 2"],
    ["a value and more", '{"a":1}x'],
    ["single quotes", "{'a':1}"],
    ["a leading zero", "01"],
    ["a leading plus", "+1"],
    ["a leading point", ".5"],
    ["a point at the end", "1."],
    ["an exponent without digits", "1e"],
    ["a minus alone", "-"],
    ["a hexadecimal number", "0x10"],
    ["NaN", "NaN"],
    ["Infinity", "-Infinity"],
    ["undefined", "undefined"],
    ["a word in upper case", "True"],
    ["a word too long", "nullx"],
    ["a string that does not end", '"a'],
    ["a string that ends in an escape", '"a\\"'],
    ["an unknown escape", '"\\x41"'],
    ["an escape with too few digits", '"\\u12"'],
    ["a line feed in a string", '"a\nb"'],
    ["a NUL in a string", '"\0"'],
    ["a comment", "/* a */ 1"],
    ["a byte order mark", "\uFEFF{}"],
    ["a no-break space", "\u00A01"],
    ["a form feed", "\f1"],
  ])("%s", (_name, text) => {
    expect(canonicalJson(text)).toBeUndefined();
    expect(() => JSON.parse(text)).toThrow();
  });

  test("and every text is judged as JSON.parse judges it", () => {
    const fragment = fc.constantFrom(...'{}[]:,"\\ \t\n01-+.eEu'.split(""), "true", "null", '"a"');
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 8 }), (fragments) => {
        const text = fragments.join("");
        expect(canonicalJson(text) !== undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("large texts", () => {
  test.each([
    ["arrays", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("nested 10,000 deep have an end: %s", (_name, open, close) => {
    const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(() => canonicalJson(nested(10_000))).not.toThrow();
    expect(() => canonicalJson(nested(10_000).slice(0, -1))).not.toThrow();
    expect(canonicalJson(nested(500))).toBe(nested(500));
    expect(canonicalJson(nested(501))).toBeUndefined();
  });
});

describe("the canonical form of any value", () => {
  const json = fc.jsonValue({ maxDepth: 6, stringUnit: anyCharacter });

  test("does not depend on the order of members or on white space", () => {
    fc.assert(
      fc.property(json, fc.infiniteStream(fc.nat()), (value, random) => {
        const shuffled = write(value, () => random.next().value as number);
        expect(canonicalJson(shuffled)).toBe(canonicalJson(JSON.stringify(value)));
      }),
    );
  });

  test("is a text of the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(canonicalJson(text) ?? "")).toEqual(JSON.parse(text));
      }),
    );
  });

  test("is its own canonical form", () => {
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalJson(JSON.stringify(value)) ?? "";
        expect(canonicalJson(canonical)).toBe(canonical);
      }),
    );
  });

  test("is different for different values", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
        fc.pre(!isDeepEqual(JSON.parse(first), JSON.parse(second)));
        expect(canonicalJson(first)).not.toBe(canonicalJson(second));
      }),
    );
  });
});

/** A JSON value with its spelling: repeated names, and numbers as text. */
type Written = string | { readonly text: string } | readonly Written[] | Members;
interface Members {
  readonly members: readonly (readonly [name: string, value: Written])[];
}

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "",
      "a",
      "é",
      "e\u0301",
      "\u{1F600}",
      "\ud800",
      '"',
      "\\",
      "/",
      "\n",
      'a":1,"b',
    ),
    fc
      .constantFrom("0", "-0", "1", "1.0", "10e-1", "1E0", "9007199254740992", "9007199254740993")
      .map((text) => ({ text })),
    fc.constantFrom("true", "false", "null").map((text) => ({ text })),
    fc.array(tie("written"), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom("a", "b", "__proto__", "é", "\ud800"), tie("written")), {
        maxLength: 4,
      })
      .map((members) => ({ members })),
  ),
}));

/** The meaning of a text: members of different names in any order, members of one name in their own. */
function readMeaning(value: Written): unknown {
  if (typeof value === "string") return ["string", value];
  if (Array.isArray(value)) return ["array", value.map(readMeaning)];
  if ("text" in value) return ["text", value.text];
  const { members } = value as Members;
  const names = [...new Set(members.map(([name]) => name))].sort();
  const listValues = (name: string) =>
    members.filter(([its]) => its === name).map(([, one]) => readMeaning(one));
  return ["object", names.map((name) => [name, listValues(name)])];
}

/** A random text of a value: random white space, escapes and order of names. */
function writeText(value: Written, random: () => number): string {
  const space = () => ["", " ", "\r\n"][random() % 3] ?? "";
  const string = (text: string) =>
    random() % 2 === 0
      ? JSON.stringify(text)
      : `"${text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
  if (typeof value === "string") return string(value);
  if (Array.isArray(value)) {
    return `[${value.map((one) => space() + writeText(one, random) + space()).join(",")}]`;
  }
  if ("text" in value) return value.text;
  const ranks = new Map<string, number>();
  const rankName = (name: string) => {
    const rank = ranks.get(name) ?? random();
    ranks.set(name, rank);
    return rank;
  };
  const members = (value as Members).members.toSorted(([a], [b]) => rankName(a) - rankName(b));
  const texts = members.map(
    ([name, one]) => `${space()}${string(name)}${space()}:${space()}${writeText(one, random)}`,
  );
  return `{${texts.join(",")}${space()}}`;
}

test("two texts have one canonical form exactly if their meaning is equal", () => {
  const pairs = fc.oneof(
    fc.tuple(written, written),
    written.map((value) => [value, value] as const),
  );
  fc.assert(
    fc.property(pairs, fc.infiniteStream(fc.nat()), ([one, other], random) => {
      const next = () => random.next().value as number;
      const [first, second] = [writeText(one, next), writeText(other, next)];
      expect(canonicalJson(first)).toBeDefined();
      const isSame = JSON.stringify(readMeaning(one)) === JSON.stringify(readMeaning(other));
      expect([first, second, canonicalJson(first) === canonicalJson(second)]).toEqual([
        first,
        second,
        isSame,
      ]);
    }),
    { numRuns: 2_000 },
  );
});

/** Writes JSON with members in a random order and random white space. */
function write(value: JsonValue, random: () => number): string {
  const space = () => ["", " ", "\n\t"][random() % 3] ?? "";
  if (Array.isArray(value)) {
    return `[${value.map((one) => space() + write(one, random) + space()).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, one]) => ({ name, one, rank: random() }));
    members.sort((a, b) => a.rank - b.rank);
    const texts = members.map(
      ({ name, one }) =>
        `${space()}${JSON.stringify(name)}${space()}:${space()}${write(one as JsonValue, random)}`,
    );
    return `{${texts.join(",")}${space()}}`;
  }
  return JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
}
