import { expect, test } from "@jest/globals";
import { orderOf, runService } from "./service.ts";

const { cloud, holders, transfer, get, balances, advanceClock, disturb } = runService();

test("the same transfer twice moves the money once, and gets the same answer", async () => {
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

test("of 20 identical transfers at once one executes; the others get its answer or 409", async () => {
  const [alice] = await balances();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => transfer({ key: "parallel" })),
  );
  const created = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 409);
  expect(created.length).toBeGreaterThanOrEqual(1);
  expect(created.length + refused.length).toBe(20);
  expect(new Set(created.map(({ text }) => text)).size).toBe(1);
  for (const { headers } of refused) expect(headers.get("retry-after")).toBe("1");
  expect((await balances())[0]).toBe(alice - 100);
});

test("the same key with another amount is refused, and the honest retry still gets its answer", async () => {
  const first = await transfer({ key: "other-amount" });
  const [alice] = await balances();
  const other = await transfer({
    key: "other-amount",
    body: orderOf(holders(), { amountMinor: 101 }),
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
  const body = orderOf(holders(), { from: bob.account, to: alice.account });
  const answer = await transfer({ key: "shared", token: `Bearer ${bob.token}`, body });
  expect(answer.status).toBe(201);
  expect(answer.headers.has("idempotent-replayed")).toBe(false);
  expect((await balances())[0]).toBe(before + 100);
});

test("what belongs to somebody else does not exist", async () => {
  const { alice, bob } = holders();
  expect((await get(`/accounts/${bob.account}`, alice.token)).status).toBe(404);
  const { headers } = await transfer({ key: "private" });
  const path = headers.get("location") ?? "";
  expect((await get(path, bob.token)).error.code).toBe("not_found");
});

/** Kills the function that sends the given request, before the engine sees it. */
const KILLS = [
  // Claim, transfer, completion: the transfer is the second request.
  { moment: "before its transfer is made", request: 2, changeMinor: 0 },
  // The money has moved, and neither the function nor the record knows it.
  { moment: "after its transfer was made", request: 3, changeMinor: -100 },
];

test.each(KILLS)(
  "a function killed $moment is replaced, and the retry ends with one transfer",
  async ({ moment, request, changeMinor }) => {
    const [alice] = await balances();
    const key = moment.replaceAll(" ", "-");
    let writes = 0;
    disturb(async ({ operation, environmentId = "" }) => {
      if (operation === "GetItem") return "forward";
      writes += 1;
      if (writes !== request) return "forward";
      await cloud().functions.kill(environmentId);
      return "drop-request";
    });
    expect((await transfer({ key })).status).toBe(500);
    expect((await balances())[0]).toBe(alice + changeMinor);

    // The claim of the dead owner holds until its lease lapses, and the answer says when to come back.
    const early = await transfer({ key });
    expect(early).toMatchObject({ status: 409, error: { code: "request_in_flight" } });
    advanceClock(12_000);
    const retry = await transfer({ key });
    expect(retry.status).toBe(201);
    expect((await transfer({ key })).text).toBe(retry.text);
    expect((await balances())[0]).toBe(alice - 100);
  },
);

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
