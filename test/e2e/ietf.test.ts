import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { countMoney } from "./money.ts";
import { type Received, runService } from "./service.ts";

const service = runService();
const { holders, post, get } = service;
const { moved } = countMoney(service);

/** Sends a transfer from Alice to Bob. */
function send(key: string | undefined, amountMinor = 100): Promise<Received> {
  const { alice, bob } = holders();
  const order = { from: alice.account, to: bob.account, amountMinor, currency: "EUR" };
  return post("/v2/transfers", {
    key,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
}

test("the same transfer again is the same transfer, and says that it is replayed", async () => {
  const key = randomUUID();
  const first = await send(key);
  const repeat = await send(key);
  expect([first.status, repeat.status, repeat.text]).toEqual([201, 201, first.text]);
  expect(repeat.headers.get("idempotent-replayed")).toBe("true");
  const location = first.headers.get("location") ?? "";
  expect(location).toMatch(/^\/v2\/transfers\/tr_/);
  expect((await get(location)).text).toBe(first.text);
  expect(await moved()).toBe(100);
});

test("without a key nothing happens, and the refusal names the missing header", async () => {
  const refused = await send(undefined);
  expect(refused.status).toBe(400);
  expect(refused.error.code).toBe("key_missing");
  expect(await moved()).toBe(0);
});

test("another payload under the key is refused with 422", async () => {
  const key = randomUUID();
  await send(key);
  const refused = await send(key, 200);
  expect([refused.status, refused.error.code]).toEqual([422, "payload_mismatch"]);
  expect(await moved()).toBe(100);
});
