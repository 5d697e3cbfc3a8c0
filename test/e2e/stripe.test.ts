import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { countMoney } from "./money.ts";
import { type Received, runService, sendUntilServed } from "./service.ts";

const service = runService();
const { holders, post, get } = service;
const { moved } = countMoney(service);

/** Sends a charge from Alice, with changes; `undefined` leaves a parameter out. */
function send(
  key: string | undefined,
  changes: Record<string, string | undefined> = {},
): Promise<Received> {
  const { alice, bob } = holders();
  const order = {
    amount: "100",
    currency: "eur",
    source: alice.account,
    "transfer_data[destination]": bob.account,
    ...changes,
  };
  const given = Object.entries(order).filter(([, text]) => text !== undefined);
  return post("/v1/charges", {
    key,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(given as [string, string][]).toString(),
  });
}

test("the same charge again is the same charge, and says that it is replayed", async () => {
  const key = randomUUID();
  const first = await send(key);
  const repeat = await send(key);
  expect([first.status, repeat.status, repeat.text]).toEqual([200, 200, first.text]);
  expect(repeat.headers.get("idempotent-replayed")).toBe("true");
  const { id } = JSON.parse(first.text);
  expect((await get(`/v1/charges/${id}`)).text).toBe(first.text);
  expect(await moved()).toBe(100);
});

test("without a key each request is a charge", async () => {
  await send(undefined);
  await send(undefined);
  expect(await moved()).toBe(200);
});

test("other parameters under the key are an idempotency_error", async () => {
  const key = randomUUID();
  await send(key);
  const refused = await send(key, { amount: "200" });
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text).error.type).toBe("idempotency_error");
  expect(refused.headers.get("stripe-should-retry")).toBe("false");
  expect(await moved()).toBe(100);
});

test("a refusal of the account is stored, and replayed", async () => {
  const key = randomUUID();
  const refused = await send(key, { amount: "100000000" });
  expect(refused.status).toBe(402);
  expect(JSON.parse(refused.text).error).toMatchObject({
    type: "card_error",
    code: "insufficient_funds",
  });
  const repeat = await send(key, { amount: "100000000" });
  expect([repeat.text, repeat.headers.get("idempotent-replayed")]).toEqual([refused.text, "true"]);
  expect(await moved()).toBe(0);
});

test.each([
  [{ amount: "0" }, "amount"],
  [{ amount: "1.5" }, "amount"],
  [{ currency: undefined }, "currency"],
  [{ source: "tok_visa" }, "source"],
])(
  "refused by validation (%j), and corrected, it executes under the same key",
  async (wrong, param) => {
    const key = randomUUID();
    const refused = await send(key, wrong);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error).toMatchObject({ type: "invalid_request_error", param });
    expect((await send(key)).status).toBe(200);
    expect(await moved()).toBe(100);
  },
);

test("of 10 at once there is one charge; the others get it, or 409 that may be retried", async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => sendUntilServed(() => send(key))),
  );
  const charges = answers.filter(({ status }) => status === 200).map(({ text }) => text);
  expect(new Set(charges).size).toBe(1);
  for (const { status, headers, text } of answers.filter(({ status }) => status !== 200)) {
    expect([status, headers.get("stripe-should-retry")]).toEqual([409, "true"]);
    expect(JSON.parse(text).error.code).toBe("idempotency_key_in_use");
  }
  expect(await moved()).toBe(100);
}, 120_000);
