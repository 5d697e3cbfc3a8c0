import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, test } from "tstyche";
import {
  dwolla,
  type IdempotencyOptions,
  idempotent,
  ietf,
  memoryStore,
  type Profile,
  type Store,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";

const store = memoryStore();
const handler = async (_event: APIGatewayProxyEventV2, _context: object) => ({ statusCode: 200 });
const tenant = (event: APIGatewayProxyEventV2) => event.requestContext.accountId;

describe("the tenant", () => {
  test("is required: a function, or singleTenant", () => {
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant });
    expect(idempotent).type.toBeCallableWith(handler, { store, singleTenant: true });
    expect(idempotent).type.not.toBeCallableWith(handler, { store });
    expect(idempotency).type.toBeCallableWith({ store, tenant: () => "holder-1" });
    expect(idempotency).type.toBeCallableWith({ store, singleTenant: true });
    expect(idempotency).type.not.toBeCallableWith({ store });
  });

  test("is reported as missing if neither is given", () => {
    // @ts-expect-error Property 'tenant' is missing
    idempotent(handler, { store });
    // @ts-expect-error Property 'tenant' is missing
    idempotent(handler, { store, profile: dwolla() });
    // @ts-expect-error Property 'tenant' is missing
    idempotency({ store });
    // @ts-expect-error Property 'tenant' is missing
    idempotency<APIGatewayProxyEventV2>({ store, profile: dwolla() });
  });

  test("is not given together with singleTenant", () => {
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, singleTenant: true });
    expect(idempotency).type.not.toBeCallableWith({
      store,
      tenant: () => "holder-1",
      singleTenant: true,
    });
  });

  test("is a function with a result that is checked at the request, because claims are untyped", () => {
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant: "holder-1" });
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant: () => 7 });
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant: async () => "holder-1" });
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant: (): unknown => undefined });
    expect(idempotent).type.not.toBeCallableWith(handler, { store, singleTenant: false });
  });

  test("gets the event and the context", () => {
    type Options = IdempotencyOptions<APIGatewayProxyEventV2, { readonly holder: string }>;
    type Tenant = NonNullable<Options["tenant"]>;
    expect<Parameters<Tenant>>().type.toBe<
      [event: APIGatewayProxyEventV2, context: { readonly holder: string }]
    >();
    expect<ReturnType<Tenant>>().type.toBe<unknown>();
  });
});

describe("an option", () => {
  test("that does not exist is an error", () => {
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, leaseMargin: 5 });
    expect(idempotency).type.not.toBeCallableWith({ store, singleTenant: true, tennant: 5 });
    expect(ietf).type.not.toBeCallableWith({ onInflight: "refuse" });
    expect(dwolla).type.not.toBeCallableWith({ retentionSeconds: 60 });
  });

  test("store is required", () => {
    expect(idempotent).type.not.toBeCallableWith(handler, { tenant });
    expect(idempotent).type.not.toBeCallableWith(handler, { store: "records", tenant });
    expect(idempotent).type.not.toBeCallableWith(handler, { store: {}, tenant });
  });

  test("leaseMarginMs is a number", () => {
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant, leaseMarginMs: 500 });
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, leaseMarginMs: "500" });
  });

  test("that is optional is left out, not set to undefined", () => {
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, secret: undefined });
  });

  test("operation is a name, or a function of the event", () => {
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant, operation: "transfer" });
    expect(idempotent).type.toBeCallableWith(handler, {
      store,
      tenant,
      operation: (event: APIGatewayProxyEventV2) => event.routeKey,
    });
    expect(idempotent).type.toBeCallableWith(handler, {
      store,
      tenant,
      operation: async (event: APIGatewayProxyEventV2) => event.routeKey,
    });
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, operation: 7 });
  });

  test("validate is a function of the event that returns nothing or a response", () => {
    type Event = APIGatewayProxyEventV2;
    const invalid = { statusCode: 422, body: "amountMinor is missing" };
    expect(idempotent).type.toBeCallableWith(handler, {
      store,
      tenant,
      validate: (event: Event) => (event.body ? undefined : invalid),
    });
    expect(idempotent).type.toBeCallableWith(handler, {
      store,
      tenant,
      validate: async (event: Event) => (event.body ? undefined : invalid),
    });
    expect(idempotent).type.toBeCallableWith(handler, {
      store,
      tenant,
      validate: (_event: Event): void => {},
    });
    expect(idempotency<Event>).type.toBeCallableWith({
      store,
      tenant,
      validate: async (event: Event): Promise<void> => void event.rawPath,
    });
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, validate: true });
    expect(idempotent).type.not.toBeCallableWith(handler, {
      store,
      tenant,
      validate: (event: Event) => event.body !== undefined,
    });
    expect(idempotent).type.not.toBeCallableWith(handler, {
      store,
      tenant,
      validate: () => "amountMinor is missing",
    });
    // The event has the type of the handler's.
    idempotent(handler, { store, tenant, validate: ({ body }) => (body ? undefined : invalid) });
    idempotency<Event>({ store, tenant, validate: ({ body }) => (body ? undefined : invalid) });
  });

  test("service is a name", () => {
    expect(idempotent).type.toBeCallableWith(handler, { store, tenant, service: "payments" });
    expect(idempotent).type.not.toBeCallableWith(handler, { store, tenant, service: () => "p" });
  });
});

describe("a profile", () => {
  test("is made by a function, with any knob turned", () => {
    expect(ietf()).type.toBe<Profile>();
    expect(dwolla({ mismatch: "replay" })).type.toBe<Profile>();
    expect(ietf).type.toBeCallableWith({ inFlight: { waitMs: 2_000 } });
    expect(ietf).type.toBeCallableWith({ retention: "never" });
    expect(ietf).type.toBeCallableWith({ retention: { seconds: 3_600, from: "completion" } });
  });

  test("has only the settings of a knob that exist", () => {
    expect(ietf).type.not.toBeCallableWith({ inFlight: "wait" });
    expect(ietf).type.not.toBeCallableWith({ inFlight: {} });
    expect(ietf).type.not.toBeCallableWith({ mismatch: "execute" });
    expect(ietf).type.not.toBeCallableWith({ completed: "execute" });
    expect(ietf).type.not.toBeCallableWith({ missingKey: "400" });
    expect(ietf).type.not.toBeCallableWith({ methods: "POST" });
    expect(ietf).type.not.toBeCallableWith({ scope: { kind: 7 } });
    expect(ietf).type.not.toBeCallableWith({ keyFormat: "ulid" });
    expect(ietf).type.not.toBeCallableWith({ retention: 86_400 });
    expect(ietf).type.not.toBeCallableWith({ retention: { seconds: 86_400 } });
    expect(ietf).type.not.toBeCallableWith({ retention: { seconds: 86_400, from: "start" } });
    expect(ietf).type.not.toBeCallableWith({ outcome: () => "store" });
    expect(ietf).type.not.toBeCallableWith({ refusals: { key_mising: { status: 400 } } });
  });

  test("cannot be changed after it is created", () => {
    const profile = ietf();
    expect(profile).type.toBeAssignableTo<Readonly<Profile>>();
    // @ts-expect-error Cannot assign to 'name' because it is a read-only property.
    profile.name = "mine";
  });
});

test("memoryStore() is a Store", () => {
  expect(memoryStore()).type.toBe<Store>();
});
