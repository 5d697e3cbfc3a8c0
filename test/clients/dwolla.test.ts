import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import dwollaV2 from "dwolla-v2";
import { countMoney } from "../e2e/money.ts";
import { runService } from "../e2e/service.ts";
import { type Front, startFront } from "./front.ts";

const service = runService();
const { cloud, holders, post } = service;
const { moved } = countMoney(service);

let front: Front;
beforeAll(async () => {
  front = await startFront(() => cloud().url, {
    "POST /token": () => ({ access_token: holders().alice.token, expires_in: 3_600 }),
  });
});
afterAll(() => front.close());

/** Dwolla's own client, pointed at the front. */
function client() {
  const one = new dwollaV2.Client({ key: "key", secret: "secret", environment: "sandbox" });
  return Object.assign(one, { apiUrl: front.url, tokenUrl: `${front.url}/token` });
}

const AMOUNT = { currency: "EUR", value: "1.00" };

function transferOf(amount: object = AMOUNT) {
  const link = (account: string) => ({ href: `${front.url}/accounts/${account}` });
  const { alice, bob } = holders();
  return { _links: { source: link(alice.account), destination: link(bob.account) }, amount };
}

const send = (key: string, amount?: object) =>
  client().post("/transfers", transferOf(amount), { "Idempotency-Key": key });

const locationOf = (response: { headers: { get(name: string): string | null } }) =>
  response.headers.get("location");

test("a transfer is made once; the repeat is the original response, and can be followed", async () => {
  const key = randomUUID();
  const first = await send(key);
  const repeat = await send(key);
  expect([first.status, repeat.status]).toEqual([201, 201]);
  expect(locationOf(repeat)).toBe(locationOf(first));
  const { body } = await client().get(locationOf(first) ?? "");
  expect(body).toMatchObject({ amountMinor: 100 });
  expect(await moved()).toBe(100);
});

test("W3: members in the order of either SDK, and either media type, have the same Location", async () => {
  const key = randomUUID();
  const first = await send(key, { currency: "EUR", value: "1.00" });
  const second = await send(key, { value: "1.00", currency: "EUR" });
  // The SDKs that are generated send their own media type.
  const third = await post("/transfers", {
    key,
    headers: { "content-type": "application/vnd.dwolla.v1.hal+json" },
    body: JSON.stringify(transferOf({ value: "1.00", currency: "EUR" })),
  });
  expect(third.status).toBe(201);
  expect(locationOf(second)).toBe(locationOf(first));
  expect(third.headers.get("location")).toBe(locationOf(first));
  expect(await moved()).toBe(100);
});

test("another payload is an error with status 422, and no transfer", async () => {
  const key = randomUUID();
  await send(key);
  const other = send(key, { ...AMOUNT, value: "2.00" });
  await expect(other).rejects.toMatchObject({ status: 422 });
  expect(await moved()).toBe(100);
});

test.each(["before", "middle"] as const)(
  "an answer that was cut (%s its body) is an error; the retry gets the Location",
  async (where) => {
    const key = randomUUID();
    front.cutAnswers(where);
    await expect(send(key)).rejects.toThrow();
    const retry = await send(key);
    expect([retry.status, locationOf(retry)]).toEqual([
      201,
      expect.stringContaining("/transfers/"),
    ]);
    expect(await moved()).toBe(100);
  },
);

test("10 at once are one transfer, and every answer has its Location", async () => {
  const key = randomUUID();
  const all = await Promise.allSettled(Array.from({ length: 10 }, () => send(key)));
  const locations = all.flatMap((one) =>
    one.status === "fulfilled" ? [locationOf(one.value)] : [],
  );
  expect(locations.length).toBeGreaterThan(0);
  expect(new Set(locations).size).toBe(1);
  expect(await moved()).toBe(100);
});

test("a validation error is Dwolla's, with its path", async () => {
  const refused = send(randomUUID(), { ...AMOUNT, value: "1.005" });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    body: { code: "ValidationError", _embedded: { errors: [{ path: "/amount" }] } },
  });
});
