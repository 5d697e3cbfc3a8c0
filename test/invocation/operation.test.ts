import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  dwolla,
  gluwa,
  type IdempotencyOptions,
  ietf,
  memoryStore,
  type Profile,
  stripe,
} from "../../lib/index.ts";
import { httpApiEvent, restApiEvent } from "../support/events.ts";
import { createTransfer, serviceOf } from "../support/service.ts";

type Options = Partial<IdempotencyOptions<unknown, object>>;

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";

const environment = process.env;
beforeEach(() => {
  process.env = { ...environment };
  delete process.env.IDEMPOTENCY_SERVICE;
  delete process.env.AWS_LAMBDA_FUNCTION_NAME;
});
afterEach(() => {
  process.env = environment;
});

/** A REST API's event of a resource, with the values of its parameters. */
function rest(resource: string, pathParameters: object, key = KEY) {
  return { ...restApiEvent({ resource, path: "/wallets/w-1/transfers", key }), pathParameters };
}

/** Functions on one table, each with its own options and name. */
function functions(...all: (Options & { readonly functionName?: string })[]) {
  const store = memoryStore();
  return all.map(({ functionName = "", ...options }) => {
    const service = serviceOf(createTransfer, { store, ...options } as never);
    const call = (event: unknown) => service.call(event, { functionName } as object);
    return { ...service, call };
  }) as [ReturnType<typeof serviceOf>, ReturnType<typeof serviceOf>];
}

describe("a retry is recognised", () => {
  test("when a parameter of its route has been renamed", async () => {
    const { call, runs } = serviceOf(createTransfer);
    await call(rest("/wallets/{id}/transfers", { id: "w-1" }));
    const retry = await call(rest("/wallets/{walletId}/transfers", { walletId: "w-1" }));
    expect([retry.statusCode, runs()]).toEqual([201, 1]);
  });

  test("when the route has become a route of any method", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const event = httpApiEvent({ key: KEY });
    await call(event);
    const retry = await call({ ...event, routeKey: "ANY /transfers" });
    expect([retry.statusCode, runs()]).toEqual([201, 1]);
  });

  test("when its route has moved to a catch-all, under the name of its operation only", async () => {
    const moved = rest("/{proxy+}", { proxy: "wallets/w-1/transfers" });
    const named = serviceOf(createTransfer, { operation: "create transfer" });
    await named.call(rest("/wallets/{id}/transfers", { id: "w-1" }));
    expect([(await named.call(moved)).statusCode, named.runs()]).toEqual([201, 1]);
  });

  test("through a custom domain, another stage and with a trailing slash", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const event = rest("/wallets/{id}/transfers", { id: "w-1" });
    await call(event);
    for (const path of ["/v1/wallets/w-1/transfers", "/wallets/w-1/transfers/"]) {
      const requestContext = { ...event.requestContext, path, stage: "blue" };
      expect((await call({ ...event, path, requestContext })).statusCode).toBe(201);
    }
    expect(runs()).toBe(1);
  });
});

describe("two functions on one table, with the same route, tenant, key and body,", () => {
  const event = httpApiEvent({ key: KEY });

  test("have separate keys by their names", async () => {
    const [one, other] = functions({ functionName: "payments" }, { functionName: "refunds" });
    await one.call(event);
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 1]);
  });

  test("have separate keys by the names in their environments, if tests give no context", async () => {
    const [one, other] = functions({}, {});
    process.env.AWS_LAMBDA_FUNCTION_NAME = "payments";
    await one.call(event);
    process.env.AWS_LAMBDA_FUNCTION_NAME = "refunds";
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 1]);
  });

  test.each<[string, Options]>([
    ["service", { service: "payments" }],
    ["operation", { operation: "create transfer" }],
    ["operation, as a promise", { operation: async () => "create transfer" }],
    ["service and operation", { service: "payments", operation: "create transfer" }],
  ])("share their keys under one %s, under any names", async (_name, options) => {
    const [one, other] = functions(
      { ...options, functionName: "a" } as never,
      { ...options, functionName: "b" } as never,
    );
    await one.call(event);
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 0]);
  });

  test.each<[string, Options, Options]>([
    ["services", { service: "payments" }, { service: "refunds" }],
    [
      "services with operations of one name",
      { service: "payments", operation: "create" },
      { service: "refunds", operation: "create" },
    ],
    ["operations", { operation: "pay" }, { operation: "refund" }],
    ["parts with the same text", { operation: "payments" }, { service: "payments" }],
  ])("have separate keys under other %s", async (_name, options, others) => {
    const [one, other] = functions(options as never, others as never);
    await one.call(event);
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 1]);
  });

  test("share their keys if IDEMPOTENCY_SERVICE names one service, and the option precedes it", async () => {
    process.env.IDEMPOTENCY_SERVICE = "payments";
    const [one, other] = functions({ functionName: "a" }, { functionName: "b" });
    const [third] = functions({ service: "refunds" } as never);
    await one.call(event);
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 0]);
    expect(third.runs()).toBe(0);
  });

  test("an IDEMPOTENCY_SERVICE without a name in it is refused when the function starts", () => {
    process.env.IDEMPOTENCY_SERVICE = "undefined";
    expect(() => serviceOf(createTransfer)).toThrow(
      'idempotency: the environment variable IDEMPOTENCY_SERVICE is "undefined"; expected the name of the service.',
    );
  });

  test.each<[string, Profile]>([
    ["stripe", stripe()],
    ["gluwa", gluwa({ keyFrom: [{ header: "Idempotency-Key" }] })],
  ])("share one space of keys for each account under %s()", async (_name, profile) => {
    const [one, other] = functions(
      { profile, functionName: "a", service: "a" } as never,
      { profile, functionName: "b", service: "b" } as never,
    );
    await one.call(event);
    await other.call(httpApiEvent({ key: KEY, path: "/refunds" }));
    expect([one.runs(), other.runs()]).toEqual([1, 0]);
  });

  test("have separate spaces within the account if the operation is named", async () => {
    const profile = stripe();
    const [one, other] = functions({ profile, operation: "a" }, { profile, operation: "b" });
    await one.call(event);
    await other.call(event);
    expect([one.runs(), other.runs()]).toEqual([1, 1]);
  });
});

describe("the operator is advised, once for each wrapped handler,", () => {
  const findAdvice = (service: { observed: readonly { kind: string }[] }) =>
    service.observed.filter(({ kind }) => kind === "advice");

  test("that the function's name must never change, where keys depend on it", async () => {
    const [one] = functions({ functionName: "payments" });
    await one.call(httpApiEvent({ key: "a" }));
    await one.call(httpApiEvent({ key: "b" }));
    expect(findAdvice(one)).toEqual([
      {
        kind: "advice",
        code: "service_is_function_name",
        message: expect.stringMatching(/"payments".*must never change after go-live/),
      },
    ]);
  });

  test.each<[string, Options]>([
    ["a service is named", { service: "payments" }],
    ["an operation is named", { operation: "create transfer" }],
    ["the scope is the tenant", { profile: stripe() }],
  ])("and not where %s", async (_name, options) => {
    const [one] = functions({ ...options, functionName: "payments" } as never);
    await one.call(httpApiEvent({ key: "a" }));
    expect(findAdvice(one)).toEqual([]);
  });

  test.each([
    ["$default", { ...httpApiEvent({ key: "a" }), routeKey: "$default" }],
    ["POST /{proxy+}", rest("/{proxy+}", { proxy: "transfers" })],
  ])("that the route %s serves many paths", async (route, event) => {
    const service = serviceOf(createTransfer);
    await service.call(event);
    await service.call(event);
    expect(findAdvice(service)).toEqual([
      { kind: "advice", code: "route_is_catch_all", message: expect.stringContaining(route) },
    ]);
    const named = serviceOf(createTransfer, { operation: "create transfer" });
    await named.call(event);
    expect(findAdvice(named)).toEqual([]);
  });

  test("by a warning, without an observer", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
    const [one] = functions({ functionName: "payments", observe: undefined } as never);
    await one.call(httpApiEvent({ key: "a" }));
    expect(warn.mock.calls).toEqual([
      ["lambda-idempotency:", expect.objectContaining({ code: "service_is_function_name" })],
    ]);
    warn.mockRestore();
  });
});

test("one key on two paths of a catch-all route is a mismatch", async () => {
  const { call, runs } = serviceOf(createTransfer, { profile: dwolla() });
  const path = (path: string) => ({ ...httpApiEvent({ key: KEY, path }), routeKey: "$default" });
  await call(path("/transfers"));
  expect((await call(path("/refunds"))).statusCode).toBe(422);
  expect((await call(path("/transfers/"))).statusCode).toBe(201);
  expect(runs()).toBe(1);
});

test("an operation without a name is refused, and nothing is claimed", async () => {
  for (const name of [undefined, null, "undefined", " ", Promise.resolve("null"), {}, Number.NaN]) {
    const { call, runs, observed } = serviceOf(createTransfer, {
      operation: () => name,
      profile: ietf(),
    });
    await expect(call(httpApiEvent({ key: KEY }))).rejects.toThrow("the option operation returned");
    expect([runs(), observed]).toEqual([0, []]);
  }
});
