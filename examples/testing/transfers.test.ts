import { beforeEach, expect, test } from "@jest/globals";
import type { Observation } from "lambda-idempotency";
import {
  httpApiEvent,
  type TestClock,
  type TestStore,
  testClock,
  testContext,
  testStore,
} from "lambda-idempotency/testing";
import { transferHandler } from "./transfers.ts";

let clock: TestClock;
let store: TestStore;
let observed: Observation[];

beforeEach(() => {
  clock = testClock();
  observed = [];
  store = testStore({ clock, tables: { accounts: "id" } });
  store.table("accounts").put({ id: "alice", balanceMinor: 100 }, { id: "bob", balanceMinor: 0 });
});

/** Sends one request, in an invocation of its own. */
function send(key: string, amountMinor: number, to = "bob") {
  const event = httpApiEvent({
    path: "/transfers",
    key,
    body: { from: "alice", to, amountMinor },
    claims: { sub: "alice" },
  });
  const observe = (observation: Observation) => observed.push(observation);
  return transferHandler({ store, clock, observe })(event, testContext({ clock }));
}

function balances() {
  return ["alice", "bob"].map((id) => store.table("accounts").get({ id })?.balanceMinor);
}

test("a transfer moves the money, and records its response", async () => {
  expect(await send("k-1", 60)).toEqual({ statusCode: 201 });
  expect(balances()).toEqual([40, 60]);
  expect(store.records()).toMatchObject([{ state: "COMPLETED" }]);
});

test("a repeat gets the first response, and moves nothing", async () => {
  await send("k-1", 60);
  expect(await send("k-1", 60)).toEqual({
    statusCode: 201,
    headers: { "Idempotent-Replayed": "true" },
  });
  expect(balances()).toEqual([40, 60]);
});

test("another transfer under the same key is refused", async () => {
  await send("k-1", 60);
  expect(await send("k-1", 10)).toMatchObject({ statusCode: 422 });
  expect(balances()).toEqual([40, 60]);
});

test("the ledger's refusals move nothing", async () => {
  expect(await send("k-1", 101)).toEqual({ statusCode: 422, body: "insufficient funds" });
  expect(await send("k-2", 1, "nobody")).toEqual({ statusCode: 422, body: "unknown account" });
  expect(balances()).toEqual([100, 0]);
});

test("the money moves once where answers are lost and transactions collide", async () => {
  store.loseAnswer("commit");
  store.conflict("commit", 2);
  expect(await send("k-1", 60)).toEqual({ statusCode: 201 });
  expect(balances()).toEqual([40, 60]);
});

test("a process that dies after its commit has moved the money once", async () => {
  const crash = store.crashAfter("commit");
  void send("k-1", 60);
  await crash;
  expect(balances()).toEqual([40, 60]);
  expect(await send("k-1", 60)).toMatchObject({ headers: { "Idempotent-Replayed": "true" } });
  expect(balances()).toEqual([40, 60]);
});

test("the key is unused again after 24 hours, and not before", async () => {
  await send("k-1", 60);
  clock.advance(23 * 60 * 60 * 1_000);
  expect(await send("k-1", 60)).toMatchObject({ headers: { "Idempotent-Replayed": "true" } });
  clock.advance(2 * 60 * 60 * 1_000);
  expect(await send("k-1", 40)).toEqual({ statusCode: 201 });
  expect(balances()).toEqual([0, 100]);
});

test("while DynamoDB is down the client hears that it may come again, and the operator hears why", async () => {
  store.loseRequest("any", Number.POSITIVE_INFINITY);
  expect(await send("k-1", 60)).toMatchObject({
    statusCode: 503,
    headers: { "retry-after": expect.any(String) },
  });
  expect(observed).toContainEqual(
    expect.objectContaining({ kind: "refused", code: "outcome_not_recorded" }),
  );
  store.recover();
  clock.advance(60_000);
  expect(await send("k-1", 60)).toEqual({ statusCode: 201 });
  expect(balances()).toEqual([40, 60]);
});
