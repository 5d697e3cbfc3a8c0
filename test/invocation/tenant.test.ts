import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import {
  dwolla,
  type IdempotencyOptions,
  memoryStore,
  type WithIdempotency,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, createTransfer, serviceOf } from "../support/service.ts";

const of = (tenant: (event: never) => unknown, store = memoryStore()) =>
  serviceOf(createTransfer, { store, singleTenant: undefined, tenant } as never);

const event = (sub?: unknown) => ({ ...httpApiEvent({ key: "k" }), claims: { sub } });
type Event = ReturnType<typeof event>;

describe("a missing tenant is refused in every form, and nothing runs:", () => {
  test.each<[string, (event: Event) => unknown]>([
    ["undefined", ({ claims }) => claims.sub],
    ["the text of undefined", ({ claims }) => String(claims.sub)],
    ["a template", ({ claims }) => `pool#${claims.sub}`],
    ["null", () => null],
    ["an empty text", () => ""],
    ["blanks", () => "  "],
    ["the text of an object", ({ claims }) => String(claims)],
    ["an object", ({ claims }) => claims],
    ["NaN", ({ claims }) => Number(claims.sub)],
    ["a boolean", () => true],
    ["a function", () => () => "holder-1"],
    ["a symbol", () => Symbol("holder-1")],
    ["the text of a promise", () => String(Promise.resolve("holder-1"))],
    ["a promise of undefined", async ({ claims }) => claims.sub],
    ["a promise of the text of undefined", async ({ claims }) => String(claims.sub)],
    ["a promise of a promise of nothing", async () => Promise.resolve("")],
  ])("%s", async (_name, tenant) => {
    const { call, runs, observed } = of(tenant as never);
    await expect(call(event())).rejects.toMatchObject({
      name: "IdempotencyConfigurationError",
      message: expect.stringMatching(
        /^idempotency: the option tenant returned .*; expected the id of the authenticated principal\. Does the route have an authorizer\?$/s,
      ),
    });
    expect([runs(), observed]).toEqual([0, []]);
  });
});

test("two clients without the claim never get each other's responses", async () => {
  const { call, runs } = of(({ claims }: Event) => String(claims.sub));
  for (const client of ["A", "B"]) {
    const sent = { ...event(), client };
    await expect(call(sent)).rejects.toThrow("Does the route have an authorizer?");
  }
  expect(runs()).toBe(0);
});

test("the tenant function may be asynchronous", async () => {
  const { call, runs } = of(async ({ claims }: Event) => claims.sub);
  await call(event("holder-1"));
  await call(event("holder-1"));
  await call(event("holder-2"));
  expect(runs()).toBe(2);
});

test("an error of the tenant function goes on unchanged", async () => {
  const unauthorised = Object.assign(new Error("the token has expired"), { statusCode: 401 });
  const { call, runs } = of(async () => Promise.reject(unauthorised));
  await expect(call(event())).rejects.toBe(unauthorised);
  expect(runs()).toBe(0);
});

test("a number and its text are the same tenant: authorizers turn one into the other", async () => {
  const { call, runs } = of(({ claims }: Event) => claims.sub);
  await call(event(7));
  await call(event(7n));
  await call(event("7"));
  expect(runs()).toBe(1);
  await call(event(8));
  expect(runs()).toBe(2);
});

test("the handler finds its tenant, with a key and without one", async () => {
  const tenants: unknown[] = [];
  const tell: Behaviour = ({ context: { idempotency } }) => {
    tenants.push(idempotency.tenant);
    return { statusCode: 200 };
  };
  const tenant = ({ claims }: Event) => claims.sub;
  const options = { singleTenant: undefined, tenant, profile: dwolla() };
  const { call } = serviceOf(tell, options as never);
  await call(event("alice"));
  await call({ ...event(7), headers: {} });
  await call({ ...httpApiEvent({ method: "GET" }), claims: {} });
  await serviceOf(tell).call(event("alice"));
  expect(tenants).toEqual(["alice", "7", undefined, undefined]);
});

test("a hook finds the tenant of a replay and of a refusal", async () => {
  const tenants: unknown[] = [];
  const options: unknown = {
    store: memoryStore(),
    tenant: ({ claims }: Event) => claims.sub,
    operation: "transfer",
  };
  const handler = middy({
    requestEnd: ({ context }: { context: unknown }) => {
      tenants.push((context as WithIdempotency<object>).idempotency.tenant);
    },
  } as never)
    .use(idempotency(options as IdempotencyOptions))
    .handler(async () => ({ statusCode: 201 }));
  const keys = ["k", "k", "two, keys"];
  for (const key of keys) {
    const sent: unknown = { ...httpApiEvent({ key }), claims: { sub: "alice" } };
    await handler(sent as never, { getRemainingTimeInMillis: () => 10_000 } as never);
  }
  expect(tenants).toEqual(["alice", "alice", "alice"]);
});

test("a tenant with the name that single tenants have is refused, and reads no record of theirs", async () => {
  const store = memoryStore();
  const single = serviceOf(createTransfer, { store, operation: "pay" });
  await single.call(event());
  const { call, runs } = serviceOf(createTransfer, {
    ...{ store, operation: "pay", singleTenant: undefined },
    tenant: () => "the only tenant",
  } as never);
  await expect(call(event())).rejects.toThrow(/Give this principal another name/);
  expect(runs()).toBe(0);
});
