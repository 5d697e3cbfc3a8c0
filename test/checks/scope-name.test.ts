import { describe, expect, test } from "@jest/globals";
import { checkName, isName } from "../../lib/checks/scope-name.ts";

const tenant = (value: unknown) => checkName("tenant", value, "an id.");

describe("a tenant is", () => {
  test.each<[unknown, string]>([
    ["holder-1", "holder-1"],
    ["arn:aws:iam::123456789012:role/payer", "arn:aws:iam::123456789012:role/payer"],
    [
      "eu-central-1_AbC#8e03978e-40d5-43e8-bc93-6894a57f9324",
      "eu-central-1_AbC#8e03978e-40d5-43e8-bc93-6894a57f9324",
    ],
    ["Undefined Records Ltd.", "Undefined Records Ltd."],
    ["nullable", "nullable"],
    ["None Such Ltd.", "None Such Ltd."],
    ["Promised Land", "Promised Land"],
    ["functional-bank", "functional-bank"],
    ["function room booking", "function room booking"],
    ["class booking", "class booking"],
    ["async transfer", "async transfer"],
    [" a ", " a "],
    [":", ":"],
    [7, "7"],
    [0, "0"],
    [-0, "0"],
    [1.5, "1.5"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [9007199254740993n, "9007199254740993"],
  ])("%p", (value, text) => {
    expect(tenant(value)).toBe(text);
  });
});

const circle: { self?: unknown } = {};
circle.self = circle;
describe("a tenant is not", () => {
  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [null, "null"],
    ["", '""'],
    [" \t\n", '" \\t\\n"'],
    ["undefined", '"undefined"'],
    [" undefined ", '" undefined "'],
    ["null", '"null"'],
    ["NaN", '"NaN"'],
    ["Infinity", '"Infinity"'],
    ["None", '"None"'],
    ["<nil>", '"<nil>"'],
    ["Invalid Date", '"Invalid Date"'],
    ["[object Object]", '"[object Object]"'],
    ["[object Promise]", '"[object Promise]"'],
    ["pool#[object Object]", '"pool#[object Object]"'],
    ["Promise { <pending> }", '"Promise { <pending> }"'],
    ["Promise", '"Promise"'],
    ["pool#undefined", '"pool#undefined"'],
    ["undefined/undefined", '"undefined/undefined"'],
    ["acct_undefined", '"acct_undefined"'],
    ["pool|null", '"pool|null"'],
    ["function sub() {}", '"function sub() {}"'],
    ["async sub() { return 1; }", '"async sub() { return 1; }"'],
    ["class Sub {}", '"class Sub {}"'],
    ["() => claims.sub", '"() => claims.sub"'],
    ["Symbol(sub)", '"Symbol(sub)"'],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [2 ** 53, "9007199254740992"],
    [true, "true"],
    [false, "false"],
    [{}, "{}"],
    [[], "[]"],
    [["holder-1"], "[ 'holder-1' ]"],
    [new String("holder-1"), "[String: 'holder-1']"],
    [Symbol("sub"), "Symbol(sub)"],
    [() => "holder-1", "[Function"],
    [circle, "<ref *1> { self: [Circular *1] }"],
  ])("%p", (value, shown) => {
    expect(() => tenant(value)).toThrow(
      expect.objectContaining({
        name: "IdempotencyConfigurationError",
        message: expect.stringContaining(`the option tenant returned ${shown}`),
      }),
    );
  });

  test("an object that cannot be inspected", () => {
    const refuse = () => {
      throw new TypeError("look away");
    };
    const hostile = new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse });
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const named = Object.defineProperty({}, Symbol.toStringTag, { get: refuse });
    for (const value of [hostile, revoked.proxy, named]) {
      expect(() => tenant(value)).toThrow("the option tenant returned");
    }
  });

  test("a long value is cut in the message", () => {
    const message = (value: unknown) => {
      try {
        return tenant(value);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(`undefined ${"x".repeat(10_000)}`).length).toBeLessThan(250);
    expect(
      message({ claims: Array.from({ length: 1_000 }, () => "x".repeat(99)) }).length,
    ).toBeLessThan(250);
  });
});

test("an operation is a text, not a number", () => {
  expect(checkName("operation", "create transfer", "a name.")).toBe("create transfer");
  expect(() => checkName("operation", 7, "a name.")).toThrow(
    "idempotency: the option operation returned 7 for this request; expected a name.",
  );
  expect(isName(7)).toBe(false);
});

test("a long text is judged in linear time", () => {
  const startMs = performance.now();
  expect(isName(`${"undefine ".repeat(500_000)}`)).toBe(true);
  expect(isName(" ".repeat(5_000_000))).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});
