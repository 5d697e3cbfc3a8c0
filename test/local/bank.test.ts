import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Bank, startBank } from "../../local/demo/bank.ts";
import { until } from "./processes.ts";

const ORDER = { account: "DE89370400440532013000", amountMinor: 2500, currency: "EUR" };

let bank: Bank;
beforeEach(async () => {
  bank = await startBank();
});
afterEach(() => bank.close());

async function pay(key: string | undefined, body: unknown = ORDER, path = "/payments") {
  const response = await fetch(`${bank.url}${path}`, {
    method: "POST",
    ...(key !== undefined && { headers: { "idempotency-key": key } }),
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

test("a payment is made once for each key, and a repeat gets the same answer", async () => {
  const first = await pay("a");
  expect(first).toEqual({ status: 201, body: { paymentId: expect.stringMatching(/^pay_/) } });
  expect(await pay("a")).toEqual(first);
  expect((await pay("b")).body).not.toEqual(first.body);
  expect(bank.payments).toEqual([
    { key: "a", ...first.body, ...ORDER },
    { key: "b", paymentId: expect.any(String), ...ORDER },
  ]);
});

test("the same key with another payment is an error, and no refusal of the payment", async () => {
  await pay("a");
  const { status, body } = await pay("a", { ...ORDER, amountMinor: 9900 });
  expect(status).toBe(422);
  expect(body).toEqual({ error: "This Idempotency-Key was used for another payment." });
  expect(bank.payments).toHaveLength(1);
});

test("a failing bank has paid nothing, and pays when it is asked again", async () => {
  bank.next("fail");
  expect((await pay("a")).status).toBe(503);
  expect(bank.payments).toEqual([]);
  expect((await pay("a")).status).toBe(201);
  expect(bank.payments).toHaveLength(1);
});

test("the bank has paid although its answer is lost, and says so when it is asked again", async () => {
  bank.next("lose-answer");
  await expect(pay("a")).rejects.toThrow();
  expect(bank.payments).toHaveLength(1);
  expect((await pay("a")).body).toEqual({ paymentId: bank.payments[0]?.paymentId });
  expect(bank.payments).toHaveLength(1);
});

test("a refusal is the bank's last word on its key", async () => {
  bank.next("refuse");
  const refused = await pay("a");
  expect(refused).toEqual({ status: 422, body: { refusal: "The account is closed." } });
  expect(await pay("a")).toEqual(refused);
  expect(bank.payments).toEqual([]);
});

test("a bank that behaves forgets the faults that were still to come", async () => {
  bank.next("fail", "refuse");
  bank.behave();
  expect((await pay("a")).status).toBe(201);
});

test("a slow bank has paid before it says so", async () => {
  bank.next({ delayMs: 50 });
  const startedMs = performance.now();
  const answer = await pay("a");
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(45);
  expect(answer.status).toBe(201);
});

test("a bank can be closed while it takes its time", async () => {
  bank.next({ delayMs: 60_000 });
  const answer = expect(pay("a")).rejects.toThrow();
  await until(() => bank.payments.length === 1, "the bank has paid");
  await bank.close();
  await answer;
  bank = await startBank();
});

test("misbehaviour is used up in order", async () => {
  bank.next("fail", "refuse");
  const answers = [await pay("a"), await pay("b"), await pay("c")];
  expect(answers.map(({ status }) => status)).toEqual([503, 422, 201]);
});

test.each([
  ["without a key", undefined, ORDER, "/payments", 400],
  ["with an empty key", "", ORDER, "/payments", 400],
  ["that is not JSON", "a", "{", "/payments", 400],
  ["without an account", "a", { amountMinor: 1, currency: "EUR" }, "/payments", 400],
  ["of nothing", "a", { ...ORDER, amountMinor: 0 }, "/payments", 400],
  ["for another path", "a", ORDER, "/", 404],
])("a request %s pays nothing", async (_, key, body, path, status) => {
  expect((await pay(key, body, path)).status).toBe(status);
  expect(bank.payments).toEqual([]);
});
