import { beforeEach, expect, test } from "@jest/globals";
import {
  httpApiEvent,
  type TestClock,
  type TestStore,
  testClock,
  testContext,
  testStore,
} from "lambda-idempotency/testing";
import { chargeHandler } from "./charges.ts";

let clock: TestClock;
let store: TestStore;
/** The idempotency keys that the bank has seen. */
let charged: string[];
let bankTakesMs: number;

beforeEach(() => {
  clock = testClock();
  store = testStore({ clock });
  charged = [];
  bankTakesMs = 0;
});

function send() {
  const bank = {
    async charge({ idempotencyKey }: { readonly idempotencyKey: string }) {
      charged.push(idempotencyKey);
      await clock.sleep(bankTakesMs);
      return { id: "c-1" };
    },
  };
  const event = httpApiEvent({ path: "/charges", key: "k-1", body: { amountMinor: 2500 } });
  return chargeHandler({ store, clock, bank })(event, testContext({ clock, remainingMs: 10_000 }));
}

test("a repeat waits for the request in flight, and gets its response", async () => {
  bankTakesMs = 1_500;
  const [first, repeat] = await Promise.all([send(), send()]);
  expect(first).toEqual({ statusCode: 201, headers: { location: "/charges/c-1" } });
  expect(repeat).toMatchObject({ statusCode: 201, headers: { "Idempotent-Replayed": "true" } });
  expect(charged).toHaveLength(1);
});

test("a repeat that has waited long enough is told to come again", async () => {
  bankTakesMs = 5_000;
  const [first, repeat] = await Promise.all([send(), send()]);
  expect(first).toMatchObject({ statusCode: 201 });
  expect(repeat).toMatchObject({ statusCode: 409, headers: { "retry-after": expect.any(String) } });
  expect(charged).toHaveLength(1);
});

test("a process that dies after the bank's answer charges once, under one key of the bank", async () => {
  const crash = store.crashBefore("complete");
  void send();
  await crash;
  expect(await send()).toMatchObject({ statusCode: 409 }); // the lease of the dead process
  clock.advance(10_000);
  expect(await send()).toMatchObject({ statusCode: 201 });
  expect(charged).toHaveLength(2);
  expect(new Set(charged).size).toBe(1);
});
