import { expect, test } from "@jest/globals";
import { readPayoutRequest } from "../../lambda/payouts/payout-request.ts";

const valid = {
  from: "acc_alice",
  amountMinor: 2500,
  currency: "EUR",
  beneficiary: "DE89370400440532013000",
};

test("a valid body is read, in whichever order its members are", () => {
  const reversed = Object.fromEntries(Object.entries(valid).reverse());
  const request = readPayoutRequest({ body: JSON.stringify(reversed) });
  expect(JSON.stringify(request)).toBe(JSON.stringify(valid));
});

test.each([
  ["an empty text", '""', { beneficiary: "" }],
  ["in lower case", '"de89"', { beneficiary: "de89" }],
  ["too long", `"${"1".repeat(35)}"`, { beneficiary: "1".repeat(35) }],
  ["a number", "7", { beneficiary: 7 }],
])("a beneficiary that is %s is refused and named", (_, shown, changes) => {
  const body = JSON.stringify({ ...valid, ...changes });
  expect(() => readPayoutRequest({ body })).toThrow(
    `Member "beneficiary" is ${shown}; expected an account at another bank`,
  );
});

test("a payout has no account to credit", () => {
  const body = JSON.stringify({ ...valid, to: "acc_bob" });
  expect(() => readPayoutRequest({ body })).toThrow(
    'Member "to" is unknown; expected only "from", "amountMinor", "currency", "beneficiary".',
  );
});
