import { expect, test } from "@jest/globals";
import { dfns, idempotent, memoryStore } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Answer, type Behaviour, serviceOf } from "../support/service.ts";

const TRANSFER = { externalId: "order-1", amount: "1", to: "0xabc" };

/** A transfer as Dfns' clients ask for it. */
function request(
  body: object | string = TRANSFER,
  { wallet = "wa-1", organisation = "org-1", kind = "transfers" } = {},
) {
  return {
    ...httpApiEvent({
      path: `/wallets/${wallet}/${kind}`,
      resource: `/wallets/{walletId}/${kind}`,
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
    organisation,
  };
}

/** A service with its entities, which can be changed behind its back. */
function open(behaviour?: Behaviour, options: object = {}) {
  const entities = new Map<string, { status: string }>();
  const service = serviceOf(
    behaviour ??
      (({ context: { idempotency }, count }) => {
        const id = idempotency.entityId ?? `tr-${count}`;
        entities.set(id, { status: "Pending" });
        return { statusCode: 201, body: JSON.stringify({ id, status: "Pending" }) };
      }),
    {
      singleTenant: undefined,
      tenant: (event: unknown) => (event as { organisation: string }).organisation,
      profile: dfns("transfer"),
      loadEntity: (id: string) => {
        const entity = entities.get(id);
        return entity && { statusCode: 200, body: JSON.stringify({ id, ...entity }) };
      },
      ...options,
    } as never,
  );
  return { ...service, entities };
}

const readBody = (answer: Answer) => JSON.parse(answer.body ?? "{}");

test("D1: without externalId, twice is two transfers", async () => {
  const { call, runs } = open();
  await call(request({ amount: "1" }));
  await call(request({ amount: "1" }));
  expect(runs()).toBe(2);
});

test("D2, D3: the same request, members in any order, gets 200 and the entity that was created", async () => {
  const { call, runs } = open();
  const first = await call(request());
  expect(first.statusCode).toBe(201);
  const again = await call(request({ to: "0xabc", externalId: "order-1", amount: "1" }));
  expect(again.statusCode).toBe(200);
  expect(readBody(again)).toEqual(readBody(first));
  expect(runs()).toBe(1);
});

test.each([
  ["D4: another amount", request({ ...TRANSFER, amount: "2" })],
  ["D5: another wallet", request(TRANSFER, { wallet: "wa-2" })],
])("%s is a conflict that names the duplicate, and executes nothing", async (_name, other) => {
  const { call, runs } = open();
  const { id } = readBody(await call(request()));
  const refused = await call(other);
  expect(refused.statusCode).toBe(409);
  expect(readBody(refused)).toEqual({
    error: {
      id: expect.any(String),
      status: 409,
      message: "Conflicting transfer with same externalId",
      details: { duplicate: { id, externalId: "order-1" } },
    },
  });
  expect(runs()).toBe(1);
});

test("D6: another organisation has keys of its own", async () => {
  const { call, runs } = open();
  await call(request());
  expect((await call(request(TRANSFER, { organisation: "org-2" }))).statusCode).toBe(201);
  expect(runs()).toBe(2);
});

test("D7: another kind has keys of its own, on one table", async () => {
  const store = memoryStore();
  const transfers = open(undefined, { store });
  const transactions = open(undefined, { store, profile: dfns("transaction") });
  await transfers.call(request());
  const other = await transactions.call(request(TRANSFER, { kind: "transactions" }));
  expect([other.statusCode, transactions.runs()]).toEqual([201, 1]);
});

test("one kind has one space of keys, over all routes and services", async () => {
  const store = memoryStore();
  const wallets = open(undefined, { store, service: "wallets" });
  const vaults = open(undefined, { store, service: "vaults" });
  expect((await wallets.call(request())).statusCode).toBe(201);
  const conflict = await vaults.call(request(TRANSFER, { kind: "transactions" }));
  expect([conflict.statusCode, vaults.runs()]).toEqual([409, 0]);
});

test("D8: of 25 at once one executes; all get its entity, or 409 with its id", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { call, runs } = open(async ({ context: { idempotency } }) => {
    await promise;
    return { statusCode: 201, body: JSON.stringify({ id: idempotency.entityId }) };
  });
  const first = call(request());
  while (runs() === 0) await new Promise((next) => setImmediate(next));
  const others = Array.from({ length: 24 }, () => call(request()));
  const refused = await others[0];
  resolve();
  const { id } = readBody(await first);
  expect(readBody(refused as Answer).error.details.duplicate.id).toBe(id);
  expect(refused?.headers?.["retry-after"]).toBe("1");
  for (const other of await Promise.all(others)) {
    const body = readBody(other);
    expect(other.statusCode === 200 ? body.id : body.error.details.duplicate.id).toBe(id);
  }
  expect(runs()).toBe(1);
});

test("D9: a request that validation refuses leaves externalId free for the corrected request", async () => {
  const { call } = open(({ count, context }) => {
    if (count === 1) throw Object.assign(new Error("amount"), { statusCode: 400 });
    return { statusCode: 201, body: JSON.stringify({ id: context.idempotency.entityId }) };
  });
  await expect(call(request())).rejects.toThrow("amount");
  expect((await call(request({ ...TRANSFER, amount: "2" }))).statusCode).toBe(201);
});

test("D10, D13: a repeat shows the entity as it is now, failed ones too, and never executes", async () => {
  const { call, runs, entities } = open();
  const { id } = readBody(await call(request()));
  for (const status of ["Broadcasted", "Failed"]) {
    entities.set(id, { status });
    const again = await call(request());
    expect(again.statusCode).toBe(200);
    expect(readBody(again)).toEqual({ id, status });
  }
  expect(runs()).toBe(1);
});

test.each<[string, () => unknown]>([
  ["is gone", () => undefined],
  [
    "cannot be loaded",
    () => {
      throw new Error("the table is down");
    },
  ],
])(
  "a repeat gets 200 and the response of the first request if the entity %s",
  async (_how, loadEntity) => {
    const { call } = open(undefined, { loadEntity });
    const first = await call(request());
    const again = await call(request());
    expect(again.statusCode).toBe(200);
    expect(again.body).toBe(first.body);
  },
);

test("D11: killed before its entity exists, the retry executes once, under the same id", async () => {
  const store = memoryStore();
  const ids: (string | undefined)[] = [];
  const { call, clock, runs } = open(
    ({ count, context: { idempotency } }) => {
      ids.push(idempotency.entityId);
      return count === 1
        ? new Promise(() => {})
        : { statusCode: 201, body: JSON.stringify({ id: idempotency.entityId }) };
    },
    { store },
  );
  void call(request());
  while (runs() === 0) await new Promise((next) => setImmediate(next));
  clock.advance(11_000);
  expect((await call(request())).statusCode).toBe(201);
  expect(ids[1]).toBe(ids[0]);
});

test("D14: 400 days later it is still 200", async () => {
  const { call, clock } = open();
  await call(request());
  clock.advance(400 * 24 * 60 * 60_000);
  expect((await call(request())).statusCode).toBe(200);
});

test("externalId is 1 to 256 printable characters, of any script", async () => {
  const { call } = open();
  expect((await call(request({ externalId: "Überweisung 1" }))).statusCode).toBe(201);
  expect((await call(request({ externalId: "x".repeat(256) }))).statusCode).toBe(201);
  for (const externalId of ["x".repeat(257), "", "a\u0000b"]) {
    const refused = await call(request({ externalId }));
    expect(refused.statusCode).toBe(400);
    expect(readBody(refused).error.status).toBe(400);
  }
});

test("a header Idempotency-Key means nothing", async () => {
  const { call, runs } = open();
  const event = { ...request({ amount: "1" }), headers: { "idempotency-key": "k" } };
  await call(event);
  await call(event);
  expect(runs()).toBe(2);
});

test("the profile and the loader belong together, and say so when the function starts", () => {
  const make = (options: object) => () =>
    idempotent(async () => ({ statusCode: 200 }), {
      store: memoryStore(),
      singleTenant: true,
      ...options,
    } as never);
  expect(make({ profile: dfns() })).toThrow(/the profile dfns .* needs loadEntity/);
  expect(make({ loadEntity: () => undefined })).toThrow(/the profile ietf never asks for it/);
  const expiring = dfns("transfer", { retention: { seconds: 86_400, from: "claim" } });
  expect(make({ profile: expiring, loadEntity: () => undefined })).toThrow(/retention "never"/);
});

test.each<[string, Behaviour, number]>([
  ["a 422 that binds the key", () => ({ statusCode: 422, body: '{"error":1}' }), 422],
  ["a 402", () => ({ statusCode: 402, body: '{"error":1}' }), 402],
  ["a redirect", () => ({ statusCode: 303, body: '{"error":1}' }), 303],
  [
    "a final 500",
    ({ context }) => context.idempotency.final({ statusCode: 500, body: '{"error":1}' }),
    500,
  ],
])("%s is repeated as it was: there is no entity", async (_name, behaviour, statusCode) => {
  const loads: string[] = [];
  const loadEntity = (id: string) => {
    loads.push(id);
    return { statusCode: 200, body: "{}" };
  };
  const { call, runs } = open(behaviour, { loadEntity });
  await call(request());
  expect(await call(request())).toEqual({ statusCode, body: '{"error":1}' });
  expect(loads).toEqual([]);
  expect(runs()).toBe(1);
});

test.each([200, 299])("after a %i the repeat gets 200 and the entity", async (statusCode) => {
  const { call } = open(() => ({ statusCode, body: "first" }), {
    loadEntity: () => ({ statusCode: 200, body: "entity" }),
  });
  await call(request());
  expect(await call(request())).toEqual({ statusCode: 200, body: "entity" });
});

test("an entity that is no response gives way to the stored response", async () => {
  const { call } = open(undefined, { loadEntity: () => ({ id: "tr-1" }) });
  const first = await call(request());
  expect(await call(request())).toEqual({ statusCode: 200, body: first.body as string });
});
