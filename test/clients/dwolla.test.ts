import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Dwolla } from "dwolla";
import dwollaV2 from "dwolla-v2";
import { countMoney } from "../e2e/money.ts";
import { runService } from "../e2e/service.ts";
import { type Front, sendUntilServed, startFront } from "./front.ts";

const service = runService();
const { cloud, holders, post } = service;
const { moved } = countMoney(service);

let front: Front;
beforeAll(async () => {
  front = await startFront(() => cloud().url, {
    "POST /token": () => ({
      access_token: holders().alice.token,
      token_type: "bearer",
      expires_in: 3_600,
    }),
  });
});
afterAll(() => front.close());

const AMOUNT = { currency: "EUR", value: "1.00" };

function createLinks() {
  const link = (account: string) => ({ href: `${front.url}/accounts/${account}` });
  const { alice, bob } = holders();
  return { source: link(alice.account), destination: link(bob.account) };
}

/** Dwolla's first SDK, pointed at the front. */
function dwollaV2Client() {
  const one = new dwollaV2.Client({ key: "key", secret: "secret", environment: "sandbox" });
  return Object.assign(one, { apiUrl: front.url, tokenUrl: `${front.url}/token` });
}

/** Dwolla's second SDK, which is generated from its OpenAPI document, pointed at the front. */
function generatedClient() {
  const security = { clientID: "key", clientSecret: "secret", tokenURL: `${front.url}/token` };
  return new Dwolla({ serverURL: front.url, security });
}

/** The common interface of both SDKs. Any response other than 201 is thrown. */
interface Sdk {
  /** @returns the new transfer's `Location`, the only data that the caller gets. */
  readonly create: (key: string, amount?: typeof AMOUNT) => Promise<string | null | undefined>;
  readonly readStatus: (error: never) => number;
  readonly cuts: readonly ("before" | "middle")[];
}

const FIRST: Sdk = {
  async create(key, amount = AMOUNT) {
    const body = { _links: createLinks(), amount };
    const made = await dwollaV2Client().post("/transfers", body, { "Idempotency-Key": key });
    expect(made.status).toBe(201);
    return made.headers.get("location");
  },
  readStatus: ({ status }: { status: number }) => status,
  cuts: ["before", "middle"],
};

const SECOND: Sdk = {
  async create(idempotencyKey, amount = AMOUNT) {
    const requestBody = { links: createLinks(), amount };
    const made = await generatedClient().transfers.create({ idempotencyKey, requestBody });
    return made?.headers.location?.[0];
  },
  readStatus: ({ statusCode }: { statusCode: number }) => statusCode,
  // Cut behind the status, the SDK throws too, but a second promise inside it rejects unhandled.
  cuts: ["before"],
};

const SDKS: [string, Sdk][] = [
  ["dwolla-v2", FIRST],
  ["dwolla", SECOND],
];

describe.each(SDKS)("Dwolla's %s:", (_name, { create, readStatus, cuts }) => {
  test("a transfer is made once; the repeat is the original response, and can be followed", async () => {
    const key = randomUUID();
    const first = await create(key);
    expect(await create(key)).toBe(first);
    const { body } = await dwollaV2Client().get(first ?? "");
    expect(body).toMatchObject({ amountMinor: 100 });
    expect(await moved()).toBe(100);
  });

  test("another payload is an error with status 422, and no transfer", async () => {
    const key = randomUUID();
    await create(key);
    const error = await create(key, { ...AMOUNT, value: "2.00" }).catch((thrown) => thrown);
    expect(readStatus(error as never)).toBe(422);
    expect(await moved()).toBe(100);
  });

  test.each(cuts)(
    "a response that was cut (%s its body) is an error; the retry gets the Location",
    async (where) => {
      const key = randomUUID();
      front.cutAnswers(where);
      await expect(create(key)).rejects.toThrow();
      expect(await create(key)).toContain("/transfers/");
      expect(await moved()).toBe(100);
    },
  );

  test("10 at once are one transfer: each gets its Location, or an error with status 409", async () => {
    const key = randomUUID();
    const isBusy = (error: never) => readStatus(error) === 503;
    const createOne = () => sendUntilServed(() => create(key), isBusy);
    const all = await Promise.allSettled(Array.from({ length: 10 }, createOne));
    const made = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(new Set(made)).toEqual(new Set([expect.stringContaining("/transfers/")]));
    expect(refused.map((error) => readStatus(error as never))).toEqual(refused.map(() => 409));
    expect(await moved()).toBe(100);
  });
});

test.each<[string, Sdk, Sdk]>([
  ["dwolla-v2, then dwolla", FIRST, SECOND],
  ["dwolla, then dwolla-v2", SECOND, FIRST],
])("W3: through both SDKs (%s), there is one transfer and one Location", async (_, one, other) => {
  const key = randomUUID();
  const before = front.requests.length;
  const location = await one.create(key);
  expect(await other.create(key)).toBe(location);
  expect(await one.create(key)).toBe(location);
  // The SDKs order the members of the amount differently; otherwise this test would show nothing.
  const texts = front.requests.slice(before).map(({ text }) => text);
  expect(new Set(texts).size).toBe(2);
  expect(await moved()).toBe(100);
});

test("W3: Dwolla's own media type does not make it a different request", async () => {
  const key = randomUUID();
  const location = await FIRST.create(key);
  const repeat = await post("/transfers", {
    key,
    headers: { "content-type": "application/vnd.dwolla.v1.hal+json" },
    body: JSON.stringify({ _links: createLinks(), amount: AMOUNT }),
  });
  expect([repeat.status, repeat.headers.get("location")]).toEqual([201, location]);
  expect(await moved()).toBe(100);
});

test("a validation error is Dwolla's, with its path", async () => {
  const refused = FIRST.create(randomUUID(), { ...AMOUNT, value: "1.005" });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    body: { code: "ValidationError", _embedded: { errors: [{ path: "/amount" }] } },
  });
});
