import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseParameterised, trimBlanks } from "../../lib/http/header-value.ts";

describe("a value with parameters is read:", () => {
  test.each<[string, string, [string, string][]]>([
    ["text/plain", "text/plain", []],
    [" Text/PLAIN ; charset=UTF-8", "text/plain", [["charset", "UTF-8"]]],
    [
      'form-data; name="a b"; filename="c;d=e"',
      "form-data",
      [
        ["name", "a b"],
        ["filename", "c;d=e"],
      ],
    ],
    ["a/b;", "a/b", []],
    ["a/b; ", "a/b", []],
    ['a/b; x=""', "a/b", [["x", ""]]],
    [
      'a/b; x = "1" ; Y=2',
      "a/b",
      [
        ["x", "1"],
        ["y", "2"],
      ],
    ],
    [
      'form-data; name=a; filename="C:\\dir\\x.txt"',
      "form-data",
      [
        ["name", "a"],
        ["filename", "C:\\dir\\x.txt"],
      ],
    ],
  ])("%s", (text, value, parameters) => {
    expect(parseParameterised(text)).toEqual({ value, parameters, isExact: true });
  });

  test.each([
    ["a name twice", "a; x=1; X=2"],
    ["a parameter without a value", "a; x"],
    ["an empty value", "a; x="],
    ["an empty name", "a; =1"],
    ["a text that does not end", 'a; x="1'],
    ["something behind a text", 'a; x="1"2'],
    ["an escaped quote, which ends the text for some parsers", 'a; x="1\\"; y=2"'],
    ["an escaped backslash", 'a; x="1\\\\"'],
    ["a blank in a value without quotes", "a; x=1 2"],
    ["a value longer than any client needs", `a; x=${"1".repeat(9_000)}`],
  ])("but not exactly, with %s", (_name, text) => {
    expect(parseParameterised(text)).toMatchObject({ value: "a", isExact: false });
  });
});

test("only blanks at the ends are removed", () => {
  expect(trimBlanks(" \ta \t b\t ")).toBe("a \t b");
  expect(trimBlanks(" \t ")).toBe("");
  expect(trimBlanks("\u00A0a\n")).toBe("\u00A0a\n");
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(" ", "\t", "a") }), (text) => {
      expect(trimBlanks(text)).toBe(text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, ""));
    }),
  );
});
