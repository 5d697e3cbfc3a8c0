import { describe, expect, test } from "@jest/globals";
import { isKnown, isUnicode, readTexts } from "../../lib/http/charset.ts";
import { ENCODERS } from "../support/encodings.ts";

const TEXT = '{"Idem":"Zoë 😀"}';
const encode = (encoding: string, text = TEXT) => ENCODERS[encoding]?.(text) as Uint8Array;
const first = (bytes: Uint8Array, charset?: string, isLossy = true) =>
  readTexts(bytes, charset, isLossy)[0];

describe("bytes are read", () => {
  test.each(Object.keys(ENCODERS))(
    "in %s: by the mark, by the charset and by their zeros",
    (name) => {
      const marked = encode(name, `\uFEFF${TEXT}`);
      for (const isLossy of [true, false]) {
        expect(first(marked, undefined, isLossy)).toBe(TEXT);
        expect(first(marked, "iso-8859-1", isLossy)).toBe(TEXT);
        expect(readTexts(encode(name), name, isLossy)).toContain(TEXT);
        expect(readTexts(encode(name), undefined, isLossy)).toContain(TEXT);
        expect(readTexts(encode(name), "x-unknown", isLossy)).toContain(TEXT);
      }
    },
  );

  test("in UTF-16 and UTF-32 without a byte order in the charset", () => {
    expect(first(encode("utf-16be"), "utf-16")).toBe(TEXT);
    expect(first(encode("utf-32be"), "utf-32")).toBe(TEXT);
    expect(first(encode("utf-32le"), "utf-32")).toBe(TEXT);
  });

  test("in their charset and in UTF-8, because many handlers ignore the charset", () => {
    expect(readTexts(encode("utf-8", "é"), "iso-8859-1", false)).toEqual(["Ã©", "é"]);
    expect(readTexts(new Uint8Array([0xe9]), "iso-8859-1", false)).toEqual(["é"]);
    expect(readTexts(new Uint8Array([0xe9]), "iso-8859-1", true)).toEqual(["é", "\uFFFD"]);
    expect(readTexts(encode("utf-8", "a"), "iso-8859-1", false)).toEqual(["a"]);
  });

  test("with replacement characters, or not at all, if they are invalid", () => {
    const broken = new Uint8Array([0x22, 0xff, 0x22]);
    expect(readTexts(broken, undefined, true)).toEqual(['"\uFFFD"']);
    expect(readTexts(broken, undefined, false)).toEqual([]);
  });

  test.each([
    ["half a surrogate pair", [0x00, 0xd8, 0, 0]],
    ["a character beyond Unicode", [0, 0, 0x11, 0]],
    ["half a character", [0x61, 0, 0, 0, 0x62, 0]],
  ])("strictly in UTF-32: %s is no text", (_name, bytes) => {
    const all = new Uint8Array(bytes);
    expect(readTexts(all, "utf-32le", true)[0]).toContain("\uFFFD");
    expect(readTexts(all, "utf-32le", false).filter((text) => !text.includes("\0"))).toEqual([]);
  });

  test("as nothing, of nothing", () => {
    expect(readTexts(new Uint8Array(), undefined, false)).toEqual([""]);
    expect(readTexts(new Uint8Array([0x61]), undefined, false)).toEqual(["a"]);
  });
});

test("the charsets of Unicode are told from others, and unknown ones from known ones", () => {
  const unicode = ["utf-8", "utf8", "utf-16", "utf-16be", "utf-32le", "us-ascii"];
  expect(unicode.filter(isUnicode)).toEqual(unicode);
  expect(["iso-8859-1", "utf-7", "shift_jis", "utf-8x"].filter(isUnicode)).toEqual([]);
  expect(["utf-32", "shift_jis", "iso-8859-1"].every(isKnown)).toBe(true);
  expect(["utf-7", "cp037", "x-unknown"].some(isKnown)).toBe(false);
});
