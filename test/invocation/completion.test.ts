import { describe, expect, test } from "@jest/globals";
import middy, { type MiddlewareObj } from "@middy/core";
import httpEventNormalizer from "@middy/http-event-normalizer";
import httpHeaderNormalizer from "@middy/http-header-normalizer";
import { completionEvent } from "../../lib/http/surface/completion-event.ts";
import {
  gluwa,
  type IdempotencyOptions,
  idempotent,
  ietf,
  memoryStore,
  orzcash,
  type Store,
  type WithIdempotency,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { RECORD_VERSION } from "../../lib/protocol/record.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, type Service, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const REQUEST = httpApiEvent({ key: KEY });
const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };

const PAY = { name: "pay", interrupted: "resume", abandoned: "complete" };

/** A store that remembers the stored events for the completer. */
function keepingStore() {
  const store = memoryStore();
  const claims: ClaimRequest[] = [];
  const keeping: Store = {
    ...store,
    claim: (request, options) => {
      claims.push(request);
      return store.claim(request, options);
    },
  };
  /** The event with which the completer invokes the function. */
  const createCompletionEvent = (index: number, text?: string, version = RECORD_VERSION) => {
    const { id, fingerprint, completer } = claims[index] as ClaimRequest;
    const record = { id, fingerprint, version };
    return JSON.parse(completionEvent(text ?? completer?.event ?? "", record));
  };
  return { store: keeping, claims, eventOf: createCompletionEvent };
}

const failsOnce: Behaviour = async ({ count, context: { idempotency } }) => {
  const first = await idempotency.step("a", () => `step of execution ${count}`);
  if (count === 1) throw new Error("the process dies");
  return { statusCode: 201, body: first };
};

test("the stored event finishes an interrupted request, and the client gets its response", async () => {
  const { store, claims, eventOf } = keepingStore();
  const { call, runs } = serviceOf(failsOnce, { store, profile: orzcash() });
  await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
  const finished = await call(eventOf(0), CONTEXT);
  // The stored event does not change; the completer's member is not stored.
  expect(claims[1]?.completer).toEqual(PAY);
  expect(finished).toMatchObject({ statusCode: 201, body: "step of execution 1" });
  expect((await call(REQUEST, CONTEXT)).body).toBe("step of execution 1");
  expect(runs()).toBe(2);
});

test("a request without a key is executed by no completer: it has no event, and its outcome is given up", async () => {
  const { store, claims } = keepingStore();
  const { call, observed } = serviceOf(failsOnce, { store, profile: orzcash() });
  await expect(call(httpApiEvent(), CONTEXT)).rejects.toThrow();
  expect(claims[0]?.completer).toEqual({ ...PAY, abandoned: "unknown" });
  expect(observed.map(({ kind }) => kind)).not.toContain("eventNotKept");
});

test("a function is found by its service, and without one by its name", async () => {
  const { store, claims } = keepingStore();
  const { call } = serviceOf(() => ({ statusCode: 201 }), {
    store,
    profile: orzcash(),
    service: "payouts",
  });
  await call(REQUEST, CONTEXT);
  expect(claims[0]?.completer?.name).toBe("payouts");
});

test("an attempt of the completer under a handler for the commit begins with its claim, because nothing is resumed", async () => {
  const { store, claims, eventOf } = keepingStore();
  const first = serviceOf(() => Promise.reject(new Error("dies")), { store, profile: orzcash() });
  await expect(first.call(REQUEST, CONTEXT)).rejects.toThrow();
  const commit: Store["commit"] = () => Promise.reject(new Error("nothing is committed here"));
  const options = { store: { ...store, commit }, claimAt: "commit", profile: orzcash() } as const;
  await serviceOf(() => ({ statusCode: 503 }), options).call(eventOf(0), CONTEXT);
  expect(claims[1]?.completer).toEqual({ ...PAY, interrupted: "restart" });
});

test("the record says how the contract treats interrupted and abandoned requests", async () => {
  const { store, claims } = keepingStore();
  const { call } = serviceOf(() => ({ statusCode: 202 }), { store, profile: gluwa() });
  await call(httpApiEvent({ body: JSON.stringify({ Idem: KEY }) }), CONTEXT);
  expect(claims[0]?.completer).toEqual({
    name: "pay",
    interrupted: "refuse",
    abandoned: "unknown",
  });
});

describe("the completer", () => {
  test("does not take over from an execution that is alive", async () => {
    const { store, eventOf } = keepingStore();
    const profile = orzcash({ inFlight: "refuse" });
    const { call, runs } = serviceOf(() => new Promise(() => {}), { store, profile });
    void call(REQUEST, CONTEXT);
    await new Promise(setImmediate);
    expect(problemOf(await call(eventOf(0), CONTEXT)).code).toBe("request_in_flight");
    expect(runs()).toBe(1);
  });

  test("repeats no complete request", async () => {
    const { store, eventOf } = keepingStore();
    const { call, runs } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
    await call(REQUEST, CONTEXT);
    expect((await call(eventOf(0), CONTEXT)).statusCode).toBe(201);
    expect(runs()).toBe(1);
  });

  test("begins no request: under an id without a record the handler does not run", async () => {
    const { store } = keepingStore();
    const { call, runs } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
    await call(REQUEST, CONTEXT);
    const forged = { ...REQUEST, idempotencyCompletion: { recordId: "another" } };
    expect((await call(forged, CONTEXT)).statusCode).toBe(409);
    expect(runs()).toBe(1);
  });

  test("runs a handler again that no retry may run, if the profile says so", async () => {
    const { store, eventOf } = keepingStore();
    const profile = gluwa({ abandoned: "complete" });
    const { call, clock, runs } = serviceOf(
      ({ count }) => (count === 1 ? new Promise(() => {}) : { statusCode: 202 }),
      { store, profile },
    );
    const request = httpApiEvent({ body: JSON.stringify({ Idem: KEY, Amount: "1" }) });
    void call(request, CONTEXT);
    await new Promise(setImmediate);
    clock.advance(60_000);
    expect((await call(request, CONTEXT)).statusCode).toBe(409);
    expect((await call(eventOf(0), CONTEXT)).statusCode).toBe(202);
    expect((await call(request, CONTEXT)).statusCode).toBe(409);
    expect(runs()).toBe(2);
  });
});

test("the record has no event if the profile leaves abandoned requests alone or to an operator", async () => {
  const { store, claims } = keepingStore();
  const kept = async (abandoned: "leave" | "unknown") => {
    const { call } = serviceOf(() => ({ statusCode: 201 }), {
      store,
      profile: orzcash({ abandoned }),
    });
    await call(httpApiEvent({ key: crypto.randomUUID() }), CONTEXT);
    return claims.at(-1)?.completer;
  };
  expect(await kept("leave")).toBeUndefined();
  expect(await kept("unknown")).toEqual({ ...PAY, abandoned: "unknown" });
});

test("an event that is too large is not stored, and the observer is told", async () => {
  const { store, claims } = keepingStore();
  const { call, observed } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
  await call(httpApiEvent({ key: KEY, body: `"${"x".repeat(100_000)}"` }), CONTEXT);
  expect(claims[0]?.completer).toEqual({ ...PAY, event: undefined });
  const { id } = claims[0] as ClaimRequest;
  expect(observed).toContainEqual({
    kind: "eventNotKept",
    recordId: id,
    bytes: expect.any(Number),
    mostBytes: 100_000,
    message: expect.stringMatching(/ \d{6} bytes of 100000\..*retry of the client.*keptEvent/),
  });
});

test("a stored event is not observed", async () => {
  const { call, observed } = serviceOf(() => ({ statusCode: 201 }), {
    profile: orzcash(),
    service: "payouts",
  });
  await call(REQUEST, CONTEXT);
  expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
});

test("with claimAt commit no request is left to be finished, so no event is stored, or reported as missing", async () => {
  const store = memoryStore();
  const commit: Store["commit"] = () => Promise.reject(new Error("nothing is committed here"));
  const { call, runs, observed } = serviceOf(() => ({ statusCode: 503 }), {
    store: { ...store, commit },
    claimAt: "commit",
    profile: orzcash(),
    service: "payouts",
  });
  await call(httpApiEvent({ key: KEY, body: `"${"x".repeat(100_000)}"` }), CONTEXT);
  expect(runs()).toBe(1);
  expect(observed).toEqual([]);
});

/** An HTTP API's event behind a JWT authorizer. */
function authorizedEvent(sub: string, parts: Parameters<typeof httpApiEvent>[0] = {}) {
  const event = httpApiEvent({ key: KEY, ...parts });
  const authorizer = { jwt: { claims: { sub, email: "mail" } } };
  return { ...event, requestContext: { ...event.requestContext, authorizer } };
}

type AuthorizedEvent = ReturnType<typeof authorizedEvent>;
const tenant = (event: unknown) =>
  (event as AuthorizedEvent).requestContext.authorizer.jwt.claims.sub;
const FOR_TENANTS = { tenant, singleTenant: undefined } as object;

const tellsTenant: Behaviour = ({ count, context: { idempotency } }) =>
  count === 1
    ? Promise.reject(new Error("the process dies"))
    : { statusCode: 201, body: String(idempotency.tenant) };

describe("the tenant", () => {
  test("is the authenticated principal on the first attempt", async () => {
    const { store, eventOf } = keepingStore();
    const tenants: unknown[] = [];
    const note: Behaviour = ({ context: { idempotency } }) => {
      tenants.push(idempotency.tenant);
      return { statusCode: 201 };
    };
    const service = serviceOf(note, { store, profile: orzcash(), ...FOR_TENANTS });
    await service.call(authorizedEvent("alice"), CONTEXT);
    await service.call(authorizedEvent("bob"), CONTEXT);
    expect(tenants).toEqual(["alice", "bob"]);
    expect(JSON.stringify(eventOf(0))).not.toMatch("mail");
  });

  test.each([undefined, "pepper"])(
    "is the same in the completer's attempt, with the secret %s",
    async (secret) => {
      const { store, eventOf } = keepingStore();
      const options = { store, profile: orzcash(), ...(secret && { secret }), ...FOR_TENANTS };
      const { call } = serviceOf(tellsTenant, options);
      const request = authorizedEvent("alice");
      await expect(call(request, CONTEXT)).rejects.toThrow();
      expect(await call(eventOf(0), CONTEXT)).toMatchObject({ statusCode: 201, body: "alice" });
      expect((await call(request, CONTEXT)).body).toBe("alice");
    },
  );

  test("is undefined for a function with a single tenant", async () => {
    const { store, eventOf } = keepingStore();
    const { call } = serviceOf(tellsTenant, { store, profile: orzcash() });
    await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
    expect(await call(eventOf(0), CONTEXT)).toMatchObject({ body: "undefined" });
  });
});

test("a completer's attempt claims by the record's own fingerprint, which covers more than the kept event", async () => {
  const { store, claims, eventOf } = keepingStore();
  const fingerprint = { method: true, path: true, query: true, body: true };
  const { call, runs } = serviceOf(failsOnce, { store, profile: orzcash({ fingerprint }) });
  const request = httpApiEvent({ key: KEY, query: "token=secret&currency=EUR" });
  await expect(call(request, CONTEXT)).rejects.toThrow();
  const sent = eventOf(0);
  expect(JSON.stringify(sent)).not.toMatch(/secret|EUR/);
  expect(await call(sent, CONTEXT)).toMatchObject({ body: "step of execution 1" });
  expect(claims[1]?.fingerprint).toBe(claims[0]?.fingerprint);
  expect((await call(request, CONTEXT)).body).toBe("step of execution 1");
  expect(runs()).toBe(2);
});

test("members that the option names reach the completer's attempt, and no others", async () => {
  const { store, eventOf } = keepingStore();
  const seen: unknown[] = [];
  const handler = idempotent(
    (event: ReturnType<typeof httpApiEvent>) => {
      seen.push([event.headers["x-trace"], event.headers["x-card"], event.rawQueryString]);
      return seen.length === 1 ? Promise.reject(new Error("dies")) : { statusCode: 201 };
    },
    {
      store,
      singleTenant: true,
      profile: orzcash(),
      service: "payouts",
      keptEvent: { headers: ["X-Trace"], query: ["a"] },
    },
  );
  const headers = { "X-Trace": "t", "X-Card": "4111" };
  const request = httpApiEvent({ key: KEY, headers, query: "b=1&a=2&token=3" });
  await expect(handler(request, { ...CONTEXT })).rejects.toThrow("dies");
  await handler(eventOf(0), { ...CONTEXT });
  expect(seen).toEqual([
    ["t", "4111", "b=1&a=2&token=3"],
    ["t", undefined, "a=2"],
  ]);
});

test("a handler that reads the authorizer's part in a completer's attempt fails, and refuses nothing", async () => {
  const { store, eventOf } = keepingStore();
  const handler = idempotent(
    (event: AuthorizedEvent) =>
      event.requestContext.authorizer?.jwt === undefined
        ? { statusCode: 403 }
        : Promise.reject(new Error("dies")),
    { store, tenant, profile: orzcash(), service: "payouts" },
  );
  await expect(handler(authorizedEvent("alice"), { ...CONTEXT })).rejects.toThrow("dies");
  const attempt = handler(eventOf(0), { ...CONTEXT });
  await expect(attempt).rejects.toThrow("read in an attempt of the completer");
});

describe.each([undefined, "pepper"])("with the secret %s, nothing is executed of", (secret) => {
  /** A request that was interrupted, and the events of its completer. */
  async function interrupted() {
    const { store, claims, eventOf } = keepingStore();
    const options = { store, profile: orzcash(), ...(secret && { secret }), ...FOR_TENANTS };
    const service = serviceOf(tellsTenant, options);
    await expect(service.call(authorizedEvent("alice"), CONTEXT)).rejects.toThrow();
    const text = claims[0]?.completer?.event ?? "";
    return { ...service, store, claims, eventOf, kept: JSON.parse(text) };
  }

  async function expectRefused(
    service: Awaited<ReturnType<typeof interrupted>>,
    event: unknown,
    message: RegExp,
  ) {
    const id = service.claims[0]?.id ?? "";
    const before = await service.store.read(id);
    expect((await service.call(event, CONTEXT)).statusCode).toBeGreaterThanOrEqual(400);
    expect(service.runs()).toBe(1);
    expect(service.claims).toHaveLength(1);
    expect(await service.store.read(id)).toBe(before);
    expect(service.observed.at(-1)).toMatchObject({
      kind: "refused",
      recordId: id,
      code: "record_unreadable",
      cause: { name: "IdempotencyRecordError", message: expect.stringMatching(message) },
    });
    // Nothing is lost: the event as it was kept is still finished.
    expect(await service.call(service.eventOf(0), CONTEXT)).toMatchObject({ body: "alice" });
  }

  test("an event with another body", async () => {
    const service = await interrupted();
    const event = { ...service.kept.event, body: '{"amountMinor":1}' };
    const text = JSON.stringify({ ...service.kept, event });
    await expectRefused(service, service.eventOf(0, text), /not the event that was kept/);
  });

  test("an event with another tenant", async () => {
    const service = await interrupted();
    const text = JSON.stringify({ ...service.kept, tenant: "mallory" });
    await expectRefused(service, service.eventOf(0, text), /not the event that was kept/);
  });

  test("an event that was changed on its way", async () => {
    const service = await interrupted();
    const changed = { ...service.eventOf(0), body: '{"amountMinor":1}' };
    await expectRefused(service, changed, /a middleware in front/);
  });

  test("an event without a digest in a record of a later version than 1", async () => {
    const service = await interrupted();
    const bare = service.eventOf(0, JSON.stringify(authorizedEvent("mallory")), 2);
    await expectRefused(service, bare, /not bound to it/);
  });

  test("an event without the record's fingerprint, which a completer of version 0.1.0 sends", async () => {
    const service = await interrupted();
    const { recordId, kept } = service.eventOf(0).idempotencyCompletion;
    const old = { ...service.eventOf(0), idempotencyCompletion: { recordId, kept } };
    await expectRefused(service, old, /Deploy the completer and the function with one version/);
  });
});

test("a completer of version 0.1.0 cannot pass a bound text on, and nothing is executed", async () => {
  const { store, claims } = keepingStore();
  const { call, runs } = serviceOf(failsOnce, { store, profile: orzcash() });
  await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
  const { id, completer } = claims[0] as ClaimRequest;
  const idempotencyCompletion = { recordId: id };
  const sent = { ...JSON.parse(completer?.event ?? ""), idempotencyCompletion };
  await expect(call(sent, CONTEXT)).rejects.toThrow("The event is not an HTTP request");
  expect(runs()).toBe(1);
});

describe("behind Middy's middlewares", () => {
  /** A Middy handler that dies once; its completer finishes the request. */
  function behind(...middlewares: readonly unknown[]) {
    const { store, eventOf } = keepingStore();
    const observed: unknown[] = [];
    let count = 0;
    const options: unknown = {
      ...{ store, profile: orzcash(), service: "payouts", tenant },
      observe: (observation: unknown) => observed.push(observation),
    };
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use([...middlewares, idempotency(options as IdempotencyOptions)] as MiddlewareObj[])
      .handler(async (event: unknown, context: unknown) => {
        count += 1;
        if (count === 1) throw new Error("dies");
        const { idempotency } = context as WithIdempotency<object>;
        const { pathParameters } = event as ReturnType<typeof order>;
        return { statusCode: 201, body: JSON.stringify([idempotency.tenant, pathParameters]) };
      });
    const call = async (event: unknown) =>
      (await handler(event as never, { ...CONTEXT } as never)) as { readonly body: string };
    return { call, observed, runs: () => count, sent: () => eventOf(0) };
  }

  /** Resolves the escapes of path parameters, like `@middy/http-urlencode-path-parser`. */
  const pathParser: MiddlewareObj = {
    before({ event }) {
      const { pathParameters } = event as ReturnType<typeof order>;
      pathParameters.id = decodeURIComponent(pathParameters.id);
    },
  };

  const order = (id: string) => ({
    ...authorizedEvent("alice", { path: `/orders/${id}`, resource: "/orders/{id}" }),
    pathParameters: { id },
  });

  test("that make the same of their own result, the completer finishes a request", async () => {
    const service = behind(httpHeaderNormalizer(), httpEventNormalizer(), pathParser);
    await expect(service.call(order("a%20b"))).rejects.toThrow("dies");
    const { body } = await service.call(service.sent());
    expect(JSON.parse(body)).toEqual(["alice", { id: "a b" }]);
  });

  test("that would decode the path twice, nothing is executed for another path", async () => {
    const service = behind(pathParser);
    await expect(service.call(order("a%2520b"))).rejects.toThrow("dies");
    await service.call(service.sent());
    expect(service.runs()).toBe(1);
    expect(service.observed.at(-1)).toMatchObject({
      code: "record_unreadable",
      cause: { message: expect.stringContaining("a middleware in front") },
    });
  });
});

describe("an event that version 0.1.0 has kept", () => {
  async function interrupted(behaviour = tellsTenant, changes: Partial<IdempotencyOptions> = {}) {
    const { store, claims, eventOf } = keepingStore();
    const options = { store, profile: orzcash(), secret: "pepper", ...FOR_TENANTS, ...changes };
    const service: Service = serviceOf(behaviour, options as never);
    await expect(service.call(authorizedEvent("alice"), CONTEXT)).rejects.toThrow();
    // 0.1.0 left out the credentials and the headers of the key.
    const { headers: _, ...bare } = authorizedEvent("alice");
    const headers = { "content-type": "application/json" };
    return { ...service, claims, eventOf, bare: JSON.stringify({ ...bare, headers }) };
  }

  test("is finished, and the handler finds the tenant", async () => {
    const { call, eventOf, bare } = await interrupted();
    expect(await call(eventOf(0, bare, 1), CONTEXT)).toMatchObject({ body: "alice" });
  });

  test("is finished for a completer of 0.1.0 as well", async () => {
    const { call, eventOf, bare } = await interrupted();
    const { recordId } = eventOf(0).idempotencyCompletion;
    const sent = { ...JSON.parse(bare), idempotencyCompletion: { recordId } };
    expect(await call(sent, CONTEXT)).toMatchObject({ body: "alice" });
  });

  test("is bound to its record by the attempt that takes it", async () => {
    const fails: Behaviour = ({ count, context }) =>
      count < 3 ? Promise.reject(new Error("dies")) : tellsTenant({ count, context });
    const { call, claims, eventOf, bare } = await interrupted(fails);
    await expect(call(eventOf(0, bare, 1), CONTEXT)).rejects.toThrow("dies");
    expect(JSON.parse(claims[1]?.completer?.event ?? "")).toMatchObject({
      format: 2,
      tenant: "alice",
    });
    expect(await call(eventOf(1, undefined, 2), CONTEXT)).toMatchObject({ body: "alice" });
  });

  test("executes no payload but the interrupted one", async () => {
    const { call, runs, eventOf, bare } = await interrupted();
    const forged = { ...eventOf(0, bare, 1), body: '{"amountMinor":1}' };
    expect(problemOf(await call(forged, CONTEXT)).code).toBe("payload_mismatch");
    expect(runs()).toBe(1);
  });

  test("is finished without a tenant, if the tenant cannot be read from it", async () => {
    const { call, eventOf, bare } = await interrupted();
    const { requestContext, ...rest } = JSON.parse(bare);
    requestContext.authorizer.jwt.claims.sub = undefined;
    const sent = JSON.stringify({ ...rest, requestContext });
    expect(await call(eventOf(0, sent, 1), CONTEXT)).toMatchObject({ body: "undefined" });
  });

  test("is not finished while the option tenant fails", async () => {
    const { call, runs, eventOf, bare } = await interrupted();
    const { requestContext, ...rest } = JSON.parse(bare);
    const sent = JSON.stringify({ ...rest, requestContext: { http: requestContext.http } });
    await expect(call(eventOf(0, sent, 1), CONTEXT)).rejects.toThrow(TypeError);
    expect(runs()).toBe(1);
  });
});

test("a claim with a kept event does not expire while it waits, under any profile", async () => {
  const { store, claims, eventOf } = keepingStore();
  const { call, clock } = serviceOf(
    ({ count }) => (count === 1 ? Promise.reject(new Error("dies")) : { statusCode: 201 }),
    { store, profile: ietf({ abandoned: "complete" }) },
  );
  await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
  clock.advance(30 * 24 * 60 * 60 * 1000);
  expect((await call(eventOf(0), CONTEXT)).statusCode).toBe(201);
  expect(claims.map(({ expiresAtSeconds }) => expiresAtSeconds)).toEqual([undefined, undefined]);
  const record = await store.read(claims[0]?.id ?? "");
  expect(record?.expiresAtSeconds).toBeGreaterThan(clock.now() / 1000);
});
