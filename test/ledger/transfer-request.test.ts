import { expect, test } from "@jest/globals";
import { ProblemError } from "../../lambda/http/problem.ts";
import { readTransferRequest } from "../../lambda/transfers/transfer-request.ts";

const valid = { from: "acc_alice", to: "acc_bob", amountMinor: 2500, currency: "EUR" };
const validBut = (changes: object) => JSON.stringify({ ...valid, ...changes });
const amount = (text: string) => JSON.stringify(valid).replace("2500", text);

/** The sentence that refuses a body. */
function refusal(body: string | undefined, isBase64Encoded = false): string {
  try {
    readTransferRequest({ body, isBase64Encoded });
  } catch (error) {
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).statusCode).toBe(400);
    return (error as ProblemError).problem.detail;
  }
  throw new Error(`accepted: ${body}`);
}

test("a valid body is read", () => {
  expect(readTransferRequest({ body: JSON.stringify(valid) })).toEqual(valid);
});

test("the order of the members makes no difference", () => {
  const reversed = Object.fromEntries(Object.entries(valid).reverse());
  const request = readTransferRequest({ body: JSON.stringify(reversed) });
  expect(JSON.stringify(request)).toBe(JSON.stringify(valid));
});

test("a base64 body is decoded", () => {
  const body = Buffer.from(JSON.stringify(valid)).toString("base64");
  expect(readTransferRequest({ body, isBase64Encoded: true })).toEqual(valid);
});

test("the largest safe integer is a valid amount", () => {
  const body = amount(String(Number.MAX_SAFE_INTEGER));
  expect(readTransferRequest({ body }).amountMinor).toBe(9_007_199_254_740_991);
});

test.each([
  ["0", "0"],
  ["-1", "-1"],
  ["-0", "-0"],
  ["2.5", "2.5"],
  ["1.00000000000000001", "1.00000000000000001"],
  ["25.0", "25.0"],
  ["1e3", "1e3"],
  ["9007199254740992", "9007199254740992"],
  ["9007199254740993", "9007199254740993"],
  ["1e400", "1e400"],
  ['"2500"', '"2500"'],
  ["null", "null"],
  ["true", "true"],
  ["[2500]", "an array"],
  ["{}", "an object"],
])("the amount %s is refused and named", (written, named) => {
  expect(refusal(amount(written))).toContain(
    `Member "amountMinor" is ${named}; expected a whole number of minor units from 1 to`,
  );
});

test.each([
  ["from", "alice"],
  ["to", "acc_"],
  ["to", "acc_bob/../x"],
  ["from", 7],
  ["currency", "eur"],
  ["currency", "EURO"],
  ["currency", null],
])("the member %s with the value %j is refused and named", (member, value) => {
  expect(refusal(validBut({ [member]: value }))).toContain(
    `Member "${member}" is ${JSON.stringify(value)}; expected `,
  );
});

test.each(Object.keys(valid))("a body without %s is refused", (member) => {
  expect(refusal(validBut({ [member]: undefined }))).toContain(`Member "${member}" is missing`);
});

test("the same account on both sides is refused", () => {
  expect(refusal(validBut({ to: "acc_alice" }))).toBe(
    'Member "to" is "acc_alice", as "from" is; expected another account.',
  );
});

test("an unknown member is refused", () => {
  expect(refusal(validBut({ memo: "rent" }))).toBe(
    'Member "memo" is unknown; expected only "from", "to", "amountMinor", "currency".',
  );
});

test("a __proto__ member is refused as unknown and reaches no prototype", () => {
  const body = JSON.stringify(valid).replace("{", '{"__proto__":{"currency":"USD"},');
  expect(refusal(body)).toContain('Member "__proto__" is unknown');
  expect(({} as { currency?: string }).currency).toBeUndefined();
});

test.each([
  ["nothing", undefined],
  ["an empty body", ""],
  ["a cut object", '{"from":'],
  ["a form", "from=acc_alice&to=acc_bob"],
])("%s is refused as not JSON", (_, body) => {
  expect(refusal(body)).toContain("The body is not JSON");
});

test.each([
  ["null", "null"],
  ["an array", "[]"],
  ["a string", '"acc_alice"'],
  ["a number", "2500"],
])("%s is refused as no object", (_, body) => {
  expect(refusal(body)).toContain("expected a JSON object");
});

test("a body that is not UTF-8 is refused", () => {
  const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("base64");
  expect(refusal(body, true)).toContain("The body is not text in UTF-8");
});

test("a body nested 10,000 deep is refused, without its content in the response", () => {
  const nested = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  expect(refusal(amount(nested)).length).toBeLessThan(200);
});

test("a long value or name is described and not repeated", () => {
  expect(refusal(validBut({ ["x".repeat(1_000_000)]: 1 }))).toContain(
    "Member a string of 1000002 characters is unknown",
  );
  expect(refusal(validBut({ from: "x".repeat(1_000_000) }))).toContain(
    'Member "from" is a string of 1000002 characters',
  );
});
