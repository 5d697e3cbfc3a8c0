import { expect, test } from "@jest/globals";
import { countRoundTrips } from "../../local/demo/round-trips.ts";
import { createOrder, runService } from "./service.ts";

const service = runService();
const { cloud, holders, transfer, get, balances, advanceClock, disturb, disturbAnswers } = service;

test("the same transfer twice moves the money once, and gets the same response", async () => {
  const [alice, bob] = await balances();
  const first = await transfer({ key: "twice" });
  const second = await transfer({ key: "twice" });
  expect(first.status).toBe(201);
  expect(first.headers.get("location")).toMatch(/^\/transfers\/.+/);
  expect(first.headers.has("idempotent-replayed")).toBe(false);
  expect(second.status).toBe(201);
  expect(second.text).toBe(first.text);
  expect(second.headers.get("location")).toBe(first.headers.get("location"));
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(await balances()).toEqual([alice - 100, bob + 100]);

  const found = await get(first.headers.get("location") ?? "");
  expect(found.status).toBe(200);
  expect(JSON.parse(found.text)).toEqual(JSON.parse(first.text));
});

test("of 20 identical transfers at once one executes, and the others get its response", async () => {
  const [alice] = await balances();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => transfer({ key: "parallel" })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const first = answers.filter(({ headers }) => !headers.has("idempotent-replayed"));
  expect(first).toHaveLength(1);
  expect((await balances())[0]).toBe(alice - 100);
});

test("the same key with another amount is refused, and the honest retry still gets its response", async () => {
  const first = await transfer({ key: "other-amount" });
  const [alice] = await balances();
  const other = await transfer({
    key: "other-amount",
    body: createOrder(holders(), { amountMinor: 101 }),
  });
  expect(other.status).toBe(422);
  expect(other.error.code).toBe("payload_mismatch");
  expect((await transfer({ key: "other-amount" })).text).toBe(first.text);
  expect((await balances())[0]).toBe(alice);
});

test("the same key of another account holder is another key", async () => {
  await transfer({ key: "shared" });
  const { alice, bob } = holders();
  const [before] = await balances();
  const body = createOrder(holders(), { from: bob.account, to: alice.account });
  const answer = await transfer({ key: "shared", token: `Bearer ${bob.token}`, body });
  expect(answer.status).toBe(201);
  expect(answer.headers.has("idempotent-replayed")).toBe(false);
  expect((await balances())[0]).toBe(before + 100);
});

test("another holder's account or transfer looks as if it did not exist", async () => {
  const { alice, bob } = holders();
  expect((await get(`/accounts/${bob.account}`, alice.token)).status).toBe(404);
  const { headers } = await transfer({ key: "private" });
  const path = headers.get("location") ?? "";
  expect((await get(path, bob.token)).error.code).toBe("not_found");
});

test("a function killed before its transaction has done nothing, and the retry executes at once", async () => {
  const [alice] = await balances();
  let isKilled = false;
  disturb(async ({ operation, environmentId = "" }) => {
    if (operation !== "TransactWriteItems" || isKilled) return "forward";
    isKilled = true;
    await cloud().functions.kill(environmentId);
    return "drop-request";
  });
  expect((await transfer({ key: "killed-before" })).status).toBe(500);
  expect((await balances())[0]).toBe(alice);

  const retry = await transfer({ key: "killed-before" });
  expect(retry.status).toBe(201);
  expect(retry.headers.has("idempotent-replayed")).toBe(false);
  expect((await transfer({ key: "killed-before" })).text).toBe(retry.text);
  expect((await balances())[0]).toBe(alice - 100);
});

test("a function killed after its transaction has stored its response, and the retry gets it", async () => {
  const [alice] = await balances();
  let isKilled = false;
  disturbAnswers(async ({ operation, environmentId = "" }) => {
    if (operation !== "TransactWriteItems" || isKilled) return "pass";
    isKilled = true;
    await cloud().functions.kill(environmentId);
    return "drop";
  });
  expect((await transfer({ key: "killed-after" })).status).toBe(500);
  expect((await balances())[0]).toBe(alice - 100);

  const retry = await transfer({ key: "killed-after" });
  expect(retry.status).toBe(201);
  expect(retry.headers.get("idempotent-replayed")).toBe("true");
  expect((await balances())[0]).toBe(alice - 100);
});

test("a transfer takes one round trip, and so does its repeat", async () => {
  const first = await countRoundTrips(cloud(), "Authorizer", () => transfer({ key: "round-trip" }));
  const second = await countRoundTrips(cloud(), "Authorizer", () =>
    transfer({ key: "round-trip" }),
  );
  expect([first, second].map(({ result, roundTrips }) => [result.status, roundTrips])).toEqual([
    [201, 1],
    [201, 1],
  ]);
});

test("after 24 hours the key is unused again; a minute earlier it is not", async () => {
  const [alice] = await balances();
  const first = await transfer({ key: "a-day" });
  advanceClock((24 * 60 - 1) * 60_000);
  expect((await transfer({ key: "a-day" })).text).toBe(first.text);
  advanceClock(2 * 60_000);
  const next = await transfer({ key: "a-day" });
  expect(next.status).toBe(201);
  expect(next.text).not.toBe(first.text);
  expect((await balances())[0]).toBe(alice - 200);
});
