import { NumberValueImpl as NumberValue } from "@aws-sdk/util-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { dynamoDbStore, type ValueOptions } from "../../lib/dynamodb/index.ts";
import { marshallValues, plainItem } from "../../lib/dynamodb/values.ts";

const marshalled = (values: object, options: ValueOptions = {}) =>
  marshallValues(values as Record<string, unknown>, "write 2, Put.Item", options);

class Money {
  readonly amountMinor = 5;
  readonly currency: unknown;
  constructor(currency: unknown = "EUR") {
    this.currency = currency;
  }
}

describe("the values of a write", () => {
  test("take the form that the options say, as through a document client", () => {
    const values = { a: undefined, money: new Money(), tags: new Set(), note: "", n: 2 ** 60 };
    const options = {
      removeUndefinedValues: true,
      convertClassInstanceToMap: true,
      convertEmptyValues: true,
      allowImpreciseNumbers: true,
    };
    expect(marshalled(values, options)).toEqual({
      money: { M: { amountMinor: { N: "5" }, currency: { S: "EUR" } } },
      tags: { NULL: true },
      note: { NULL: true },
      n: { N: "1152921504606847000" },
    });
  });

  test("are the attributes themselves, also where a document client would wrap them", () => {
    expect(marshalled({ a: 1 }, { convertTopLevelContainer: true })).toEqual({ a: { N: "1" } });
  });

  test.each<[string, object, ValueOptions, RegExp]>([
    ["undefined", { a: 1, b: undefined }, {}, /The member is b\. .*removeUndefinedValues: true/],
    [
      "undefined, deep inside",
      { a: [1, { b: new Map([["c", undefined]]) }] },
      {},
      /The member is a\[1\]\.b\.c\. .*removeUndefinedValues: true/,
    ],
    [
      "an instance of a class",
      { order: { total: new Money() } },
      {},
      /The member is order\.total\. .*convertClassInstanceToMap: true/,
    ],
    [
      "the members of a class instance",
      { total: new Money(new Set()) },
      { convertClassInstanceToMap: true },
      /The member is total\.currency\. .*convertEmptyValues: true/,
    ],
    [
      "a date, where undefined is removed",
      { a: undefined, f: () => {}, at: new Date(0) },
      { removeUndefinedValues: true },
      /The member is at\. .*convertClassInstanceToMap: true/,
    ],
    ["an empty set", { tags: new Set() }, {}, /The member is tags\. .*convertEmptyValues: true/],
    ["a large number", { n: 2 ** 60 }, {}, /The member is n\. .*allowImpreciseNumbers: true/],
    ["a number that is none", { n: Number.NaN }, {}, /NaN is not allowed\. The member is n\.$/],
  ])(
    "of which one is %s are refused, with the member and the option",
    (_, values, options, text) => {
      const marshalling = () => marshalled(values, options);
      expect(marshalling).toThrow(/^commit: write 2, Put\.Item: /);
      expect(marshalling).toThrow(text);
      expect(marshalling).toThrow(
        expect.objectContaining({ name: "IdempotencyCommitError", cause: expect.any(Error) }),
      );
    },
  );

  test("that contain themselves, or nest without end, are refused", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    let nested: unknown;
    for (let depth = 0; depth < 50_000; depth += 1) nested = [nested];
    for (const values of [cyclic, { nested }]) {
      expect(() => marshalled(values)).toThrow(/^commit: write 2, Put\.Item: /);
    }
  });

  test("that cannot even be shown are refused", () => {
    class Silent {
      toString() {
        throw new Error("no text");
      }
    }
    expect(() => marshalled({ a: new Silent() })).toThrow("no text. The member is a.");
    const broken = {
      get a() {
        throw new Error("no member");
      },
    };
    for (const values of [broken, { broken }, { constructor: null, f: Symbol("s") }]) {
      expect(() => marshalled(values)).toThrow(/^commit: write 2, Put\.Item: /);
    }
    expect(() => marshalled({ a: Symbol("s") })).toThrow(/^commit: write 2, Put\.Item: /);
  });
});

test.each<[unknown, string]>([
  [{ removeUndefined: true }, 'Did you mean "removeUndefinedValues"'],
  [{ removeUndefinedValues: "yes" }, "removeUndefinedValues is 'yes'; expected true or false"],
  [true, "marshallOptions is true; expected an object"],
  [null, "marshallOptions is null; expected an object"],
])("the option marshallOptions is checked when the store is made: %p", (marshallOptions, text) => {
  expect(() => dynamoDbStore({ tableName: "t", marshallOptions } as never)).toThrow(text);
});

describe("an item in plain form", () => {
  const n = (text: string) => plainItem({ n: { N: text } })?.n;

  test.each([
    ["0", 0],
    ["-0", -0],
    ["5", 5],
    ["-5", -5],
    ["100", 100],
    ["0.1", 0.1],
    ["-12.50", -12.5],
    ["0.000001", 0.000001],
    ["0.0000001", 1e-7],
    ["1E-7", 1e-7],
    ["1e-130", 1e-130],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["-9007199254740991", -Number.MAX_SAFE_INTEGER],
    ["123456789.012345", 123456789.012345],
  ])("has a number that JavaScript can hold as one: %s", (text, value) => {
    expect(n(text)).toBe(value);
  });

  test.each([
    "9007199254740992",
    "-9007199254740992",
    "9007199254740993",
    "100000000000000000000",
    "12345678901234567890.12",
    "1234567890123456.7",
    "0.12345678901234567890123456789012345678",
    "1.00000000000000000001",
    "9.9999999999999999999999999999999999999E+125",
  ])("has every digit of a number that it cannot hold: %s", (text) => {
    expect(n(text)).toEqual(NumberValue.from(text));
  });

  test("has sets, binary, lists and maps of every kind", () => {
    const item = {
      ns: { NS: ["1", "9007199254740993"] },
      ss: { SS: ["a"] },
      bs: { BS: [new Uint8Array([1])] },
      b: { B: new Uint8Array([1]) },
      l: { L: [{ N: "9007199254740993" }] },
      m: { M: { n: { N: "9007199254740993" } } },
      nothing: { NULL: true as const },
      yes: { BOOL: true },
    };
    const large = NumberValue.from("9007199254740993");
    expect(plainItem(item)).toEqual({
      ns: new Set([1, large]),
      ss: new Set(["a"]),
      bs: new Set([new Uint8Array([1])]),
      b: new Uint8Array([1]),
      l: [large],
      m: { n: large },
      nothing: null,
      yes: true,
    });
  });

  test.each<[string, unknown]>([
    ["an attribute of an unknown type", { a: { X: "?" } }],
    ["an attribute without a type", { a: {} }],
    ["an attribute that is none", { a: null }],
    ["no item", null],
  ])("is missing, and throws nothing, for %s", (_name, item) => {
    expect(plainItem(item as never)).toBeUndefined();
  });
});
