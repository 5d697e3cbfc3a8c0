import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { countMoney } from "./money.ts";
import { type Received, runService } from "./service.ts";

const service = runService();
const { cloud, holders, post, get, advanceClock, disturb } = service;
const { moved } = countMoney(service);

const DAY_MS = 24 * 60 * 60 * 1000;

/** Sends a transaction from Alice, with changes. */
function send(changes: object, headers: Record<string, string> = {}): Promise<Received> {
  const { alice, bob } = holders();
  const order = { Source: alice.account, Target: bob.account, Amount: "1.00", Currency: "EUR" };
  return post("/v1/transactions", { body: JSON.stringify({ ...order, ...changes }), headers });
}

function expectDenied({ status, text }: Received): void {
  expect([status, text]).toEqual([409, '{"Code":"Conflict","Message":"Transfer already exists."}']);
}

test("G1: without an Idem, the same request twice is two transactions", async () => {
  expect([(await send({})).status, (await send({})).status]).toEqual([202, 202]);
  expect(await moved()).toBe(200);
});

test("G2: an Idem that is not a UUID is refused with 400, and the key is not consumed", async () => {
  const refused = await send({ Idem: "abc" });
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text)).toMatchObject({
    Code: "ValidationError",
    Message: expect.stringContaining("not a UUID"),
    InnerErrors: [{ Code: expect.any(String), Path: "Idem", Message: expect.any(String) }],
  });
  expect(await moved()).toBe(0);
});

test("G3: the first gets 202, the repeat 409, and GET shows the outcome", async () => {
  const Idem = randomUUID();
  const first = await send({ Idem });
  expect(first.status).toBe(202);
  expectDenied(await send({ Idem }));
  const { ID } = JSON.parse(first.text);
  const found = await get(`/v1/transactions/${ID}`);
  expect(JSON.parse(found.text)).toMatchObject({ ID, Status: "Confirmed", Amount: "1.00" });
  expect((await get(`/v1/transactions/${ID}`, holders().bob.token)).status).toBe(404);
  expect(await moved()).toBe(100);
});

test("G4: another amount under the same Idem gets 409", async () => {
  const Idem = randomUUID();
  await send({ Idem });
  expectDenied(await send({ Idem, Amount: "2.00" }));
  expect(await moved()).toBe(100);
});

test("G5: where the first has failed in the ledger, the repeat gets 409 and does nothing", async () => {
  const Idem = randomUUID();
  const failed = await send({ Idem, Amount: "10000000.00" });
  expect(failed.status).toBe(422);
  expectDenied(await send({ Idem, Amount: "10000000.00" }));
  expectDenied(await send({ Idem }));
  expect(await moved()).toBe(0);
});

test("G6: of 25 at once one gets 202, and 24 get 409 at once, while it is still executed", async () => {
  const Idem = randomUUID();
  // All functions start before: their starts would use up the time of the request that is executed.
  await Promise.all(Array.from({ length: 25 }, () => send({ Idem: randomUUID(), Amount: "0" })));
  const executing = Promise.withResolvers<void>();
  const denied = Promise.withResolvers<void>();
  disturb(async ({ operation }) => {
    if (operation !== "TransactWriteItems") return undefined;
    executing.resolve();
    await denied.promise;
    return undefined;
  });
  const answers = Array.from({ length: 25 }, () => send({ Idem }));
  await executing.promise;
  let deniedCount = 0;
  for (const answer of answers) {
    void answer.then(() => {
      deniedCount += 1;
      // This line runs only if no repeat waits for the first request.
      if (deniedCount === 24) denied.resolve();
    });
  }
  const all = await Promise.all(answers);
  const others = all.filter(({ status }) => status !== 202);
  expect(others).toHaveLength(24);
  others.forEach(expectDenied);
  expect(await moved()).toBe(100);
}, 120_000);

test("G7: refused by validation, corrected, and sent with the same Idem, it executes", async () => {
  const Idem = randomUUID();
  const refused = await send({ Idem, Amount: "1.005" });
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.text)).toMatchObject({
    Code: "ValidationError",
    InnerErrors: [{ Path: "Amount" }],
  });
  expect((await send({ Idem })).status).toBe(202);
  expect(await moved()).toBe(100);
});

test("G8: killed behind the claim, every retry gets 409, also when the lease has lapsed", async () => {
  const Idem = randomUUID();
  let isDead = false;
  disturb(async ({ operation, environmentId }) => {
    if (operation !== "TransactWriteItems" || isDead) return "forward";
    isDead = true;
    await cloud().functions.kill(environmentId ?? "");
    return "drop-request";
  });
  expect((await send({ Idem })).status).toBe(500);
  expectDenied(await send({ Idem }));
  advanceClock(DAY_MS);
  expectDenied(await send({ Idem }));
  expect(await moved()).toBe(0);
});

test("G9: the same Idem of another customer executes", async () => {
  const Idem = randomUUID();
  const { alice, bob } = holders();
  await send({ Idem });
  const authorization = `Bearer ${bob.token}`;
  const other = await send({ Idem, Source: bob.account, Target: alice.account }, { authorization });
  expect(other.status).toBe(202);
  expect(await moved()).toBe(0);
});

test("G10: five years later it is still 409", async () => {
  const Idem = randomUUID();
  await send({ Idem });
  advanceClock(5 * 365 * DAY_MS);
  expectDenied(await send({ Idem }));
  expect(await moved()).toBe(100);
});

test("G11: an Idem in upper and in lower case is the same", async () => {
  const Idem = randomUUID();
  await send({ Idem });
  expectDenied(await send({ Idem: Idem.toUpperCase() }));
  expect(await moved()).toBe(100);
});

test("G12: a header Idempotency-Key is ignored", async () => {
  const headers = { "idempotency-key": randomUUID() };
  await send({}, headers);
  expect((await send({}, headers)).status).toBe(202);
  expect(await moved()).toBe(200);
});

test("an Idem is not met by the key of another API in the same table", async () => {
  const Idem = randomUUID();
  await send({ Idem });
  const { alice, bob } = holders();
  const charge = `amount=1&currency=eur&source=${alice.account}&transfer_data[destination]=${bob.account}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect((await post("/v1/charges", { key: Idem, headers, body: charge })).status).toBe(200);
});

test("an unauthenticated request is refused in Gluwa's form", async () => {
  const refused = await post("/v1/transactions", { token: undefined, body: "{}" });
  expect(refused.status).toBe(401);
  expect(JSON.parse(refused.text)).toMatchObject({ Code: "Unauthorized" });
});
