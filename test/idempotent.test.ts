import { describe, expect, jest, test } from "@jest/globals";
import { dwolla, idempotent, ietf, memoryStore, type WithIdempotency } from "../lib/index.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
  vpcLatticeEvent,
} from "./support/events.ts";
import { createTransfer, problemOf, serviceOf, type TestContext } from "./support/service.ts";

const formats: [string, (request: RequestParts) => unknown][] = [
  ["an HTTP API", httpApiEvent],
  ["a REST API", restApiEvent],
  ["a function URL", functionUrlEvent],
  ["a load balancer", albEvent],
  ["a load balancer with multi-value headers", (request) => albEvent(request, true)],
  ["VPC Lattice", vpcLatticeEvent],
];

describe.each(formats)("behind %s", (_name, eventOf) => {
  test("the same request twice runs the handler once and gets the same response", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const first = await call(eventOf({ key: "k" }));
    const second = await call(eventOf({ key: "k" }));
    expect(runs()).toBe(1);
    expect(second).toMatchObject({ statusCode: first.statusCode, body: first.body ?? "" });
    expect(JSON.stringify(second)).toContain("Idempotent-Replayed");
    expect(JSON.stringify(second)).toContain("/transfers/1");
  });

  test("the body may come in base64 the second time", async () => {
    const { call, runs } = serviceOf(createTransfer);
    await call(eventOf({ key: "k", body: '{"a":1,"b":2}' }));
    await call(eventOf({ key: "k", body: Buffer.from('{"b":2, "a":1}') }));
    expect(runs()).toBe(1);
  });

  test("another payload under the same key is refused, and the record stays intact", async () => {
    const { call, runs } = serviceOf(createTransfer);
    await call(eventOf({ key: "k", body: '{"amountMinor":1}' }));
    const refused = await call(eventOf({ key: "k", body: '{"amountMinor":2}' }));
    expect(refused.statusCode).toBe(422);
    expect(problemOf(refused).code).toBe("payload_mismatch");
    const honest = await call(eventOf({ key: "k", body: '{"amountMinor":1}' }));
    expect(honest.statusCode).toBe(201);
    expect(runs()).toBe(1);
  });

  test("without a required key the handler does not run", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const refused = await call(eventOf({}));
    expect(refused.statusCode).toBe(400);
    expect(problemOf(refused).code).toBe("key_missing");
    expect(runs()).toBe(0);
  });
});

describe("the handler's result decides the state of its key:", () => {
  test.each([200, 201, 204, 302, 400, 404, 409, 422])("%i is stored", async (statusCode) => {
    const { call, runs } = serviceOf(({ count }) => ({ statusCode, body: String(count) }));
    await call(httpApiEvent({ key: "k" }));
    const repeat = await call(httpApiEvent({ key: "k" }));
    expect(repeat).toMatchObject({ statusCode, body: "1" });
    expect(runs()).toBe(1);
  });

  test.each([408, 425, 429, 500, 502, 503])(
    "%i may be tried again, with the same payload only",
    async (statusCode) => {
      const { call, runs } = serviceOf(({ count }) =>
        count === 1 ? { statusCode } : { statusCode: 201 },
      );
      expect(await call(httpApiEvent({ key: "k" }))).toEqual({ statusCode });
      const other = await call(httpApiEvent({ key: "k", body: '{"amountMinor":9}' }));
      expect(other.statusCode).toBe(422);
      expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
      expect(runs()).toBe(2);
    },
  );

  test("an HTTP error of 4xx that is thrown frees the key for any payload", async () => {
    const invalid = Object.assign(new Error("amount must be positive"), { statusCode: 400 });
    const { call, runs } = serviceOf(({ count }) => {
      if (count === 1) throw invalid;
      return { statusCode: 201 };
    });
    await expect(call(httpApiEvent({ key: "k", body: '{"amountMinor":-1}' }))).rejects.toBe(
      invalid,
    );
    const corrected = await call(httpApiEvent({ key: "k", body: '{"amountMinor":1}' }));
    expect(corrected.statusCode).toBe(201);
    expect(runs()).toBe(2);
  });

  test("any other error goes on unchanged, and the same payload may be tried again", async () => {
    const crash = new TypeError("cannot read properties of undefined");
    const { call } = serviceOf(({ count }) => {
      if (count === 1) throw crash;
      return { statusCode: 201 };
    });
    await expect(call(httpApiEvent({ key: "k" }))).rejects.toBe(crash);
    const other = await call(httpApiEvent({ key: "k", body: '{"amountMinor":9}' }));
    expect(other.statusCode).toBe(422);
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
  });

  test("a response of any status given to reject() frees the key", async () => {
    const { call, runs, observed } = serviceOf(({ context, count }) =>
      count === 1 ? context.idempotency.reject({ statusCode: 422 }) : { statusCode: 201 },
    );
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(422);
    const other = await call(httpApiEvent({ key: "k", body: "{}" }));
    expect(other.statusCode).toBe(201);
    expect(runs()).toBe(2);
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "freed", "claimed", "completed"]);
  });

  test("a response that is too large for a record keeps its status, and the effect is not repeated", async () => {
    const body = "x".repeat(500_000);
    const { call, runs, observed } = serviceOf(() => ({ statusCode: 201, body }));
    expect((await call(httpApiEvent({ key: "k" }))).body).toBe(body);
    const repeat = await call(httpApiEvent({ key: "k" }));
    expect(repeat.statusCode).toBe(201);
    expect(problemOf(repeat).code).toBe("response_not_kept");
    expect(runs()).toBe(1);
    expect(observed).toContainEqual(expect.objectContaining({ kind: "bodyNotKept" }));
  });

  test.each([
    ["has a BigInt in it", { amount: 1n }],
    [
      "refers to itself",
      (() => {
        const circle: { self?: unknown } = {};
        circle.self = circle;
        return circle;
      })(),
    ],
  ])("the effect behind a result that %s is not repeated either", async (_name, result) => {
    const { call, runs } = serviceOf(() => result);
    const first = await call(httpApiEvent({ key: "k" }));
    expect(first).toMatchObject({ statusCode: 500, body: '{"message":"Internal Server Error"}' });
    expect(await call(httpApiEvent({ key: "k" }))).toMatchObject({
      statusCode: 500,
      body: first.body as string,
    });
    expect(runs()).toBe(1);
  });

  test("undefined is a response: 200 and null, the first time and again", async () => {
    const { call, runs } = serviceOf(() => undefined);
    const answer = {
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body: "null",
    };
    expect(await call(httpApiEvent({ key: "k" }))).toEqual(answer);
    expect(await call(httpApiEvent({ key: "k" }))).toMatchObject(answer);
    expect(runs()).toBe(1);
  });

  test("near the end of the invocation nothing is released, because the handler may still run", async () => {
    const { call, observed } = serviceOf(() => ({ statusCode: 504 }));
    await call(httpApiEvent({ key: "k" }), { getRemainingTimeInMillis: () => 900 });
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "left"]);
  });
});

describe("a key", () => {
  test("of one tenant is not another tenant's", async () => {
    const { call, runs } = serviceOf(createTransfer, {
      singleTenant: undefined,
      tenant: (event: unknown) => (event as { tenant: string }).tenant,
    } as never);
    await call({ ...httpApiEvent({ key: "k" }), tenant: "a" });
    await call({ ...httpApiEvent({ key: "k" }), tenant: "b" });
    expect(runs()).toBe(2);
  });

  test("of one operation is not another operation's, unless the routes share an operation", async () => {
    const store = memoryStore();
    const apart = serviceOf(createTransfer, { store });
    await apart.call(httpApiEvent({ key: "k", path: "/transfers" }));
    await apart.call(httpApiEvent({ key: "k", path: "/payouts" }));
    expect(apart.runs()).toBe(2);

    const shared = serviceOf(createTransfer, { store, operation: () => "money out" });
    await shared.call(httpApiEvent({ key: "k", path: "/transfers" }));
    expect((await shared.call(httpApiEvent({ key: "k", path: "/payouts" }))).statusCode).toBe(422);
  });

  test("on another path of one route is refused, not executed", async () => {
    const { call } = serviceOf(createTransfer);
    const resource = "/wallets/{id}/transfers";
    await call(httpApiEvent({ key: "k", path: "/wallets/1/transfers", resource }));
    const other = await call(httpApiEvent({ key: "k", path: "/wallets/2/transfers", resource }));
    expect(other.statusCode).toBe(422);
  });

  test("that is a UUID is the same in upper and in lower case, quoted and bare", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    for (const sent of [key, key.toUpperCase(), `"${key}"`])
      await call(httpApiEvent({ key: sent }));
    expect(runs()).toBe(1);
  });

  test("that is not a UUID is refused if the profile takes only UUIDs", async () => {
    const { call } = serviceOf(createTransfer, { profile: ietf({ keyFormat: "uuid" }) });
    expect(problemOf(await call(httpApiEvent({ key: "k" })))).toMatchObject({
      code: "key_malformed",
      message: expect.stringContaining("is not a UUID"),
    });
  });

  test("is used again after 24 hours, and not a minute earlier", async () => {
    const { call, runs, clock } = serviceOf(createTransfer, { profile: dwolla() });
    await call(httpApiEvent({ key: "k" }));
    clock.advance((24 * 60 - 1) * 60_000);
    await call(httpApiEvent({ key: "k" }));
    expect(runs()).toBe(1);
    clock.advance(60_000);
    await call(httpApiEvent({ key: "k" }));
    expect(runs()).toBe(2);
  });

  test("that is missing does not change an error: it goes on", async () => {
    const crash = new Error("crash");
    const { call } = serviceOf(
      () => {
        throw crash;
      },
      { profile: dwolla() },
    );
    await expect(call(httpApiEvent({}))).rejects.toBe(crash);
  });

  test.each([
    ["an hour after it expired", 25 * 3_600_000],
    ["a minute before it expires", 24 * 3_600_000 - 60_000],
  ])(
    "is kept for 24 hours from its next execution after its owner died, %s",
    async (_when, laterMs) => {
      const { call, clock, runs } = serviceOf(
        (run) => (run.count === 1 ? new Promise(() => {}) : createTransfer(run)),
        { profile: dwolla() },
      );
      void call(httpApiEvent({ key: "k" }));
      while (runs() === 0) await new Promise((next) => setImmediate(next));
      clock.advance(laterMs);
      await call(httpApiEvent({ key: "k" }));
      clock.advance(24 * 3_600_000 - 60_000);
      await call(httpApiEvent({ key: "k" }));
      expect(runs()).toBe(2);
    },
  );

  test("that is optional may be left out: every request executes, and none is recorded", async () => {
    const { call, runs, observed } = serviceOf(createTransfer, { profile: dwolla() });
    await call(httpApiEvent({}));
    await call(httpApiEvent({}));
    expect(runs()).toBe(2);
    expect(observed).toEqual([]);
  });
});

describe("the profile's switches:", () => {
  test("mismatch replay gives another payload the first response", async () => {
    const { call, runs } = serviceOf(createTransfer, { profile: dwolla({ mismatch: "replay" }) });
    await call(httpApiEvent({ key: "k", body: "{}" }));
    const other = await call(httpApiEvent({ key: "k", body: "[]" }));
    expect(other).toMatchObject({ statusCode: 201, body: '{"run":1}' });
    expect(runs()).toBe(1);
  });

  test("mismatch replay refuses another payload while there is no response yet", async () => {
    const { call } = serviceOf(({ count }) => ({ statusCode: count === 1 ? 500 : 201 }), {
      profile: dwolla({ mismatch: "replay" }),
    });
    await call(httpApiEvent({ key: "k", body: "{}" }));
    expect((await call(httpApiEvent({ key: "k", body: "[]" }))).statusCode).toBe(422);
  });

  test("completed refuse gives a repeat 409 in place of the response", async () => {
    const { call, runs } = serviceOf(createTransfer, { profile: ietf({ completed: "refuse" }) });
    await call(httpApiEvent({ key: "k" }));
    const repeat = await call(httpApiEvent({ key: "k" }));
    expect(repeat.statusCode).toBe(409);
    expect(problemOf(repeat).code).toBe("already_completed");
    expect(runs()).toBe(1);
  });

  test("refusals can be worded otherwise, and link to the documentation", async () => {
    const { call } = serviceOf(createTransfer, {
      profile: ietf({
        refusals: { key_missing: { status: 428, title: "Key, please" } },
        documentationUrl: "https://example.com/keys",
      }),
    });
    expect(await call(httpApiEvent({}))).toMatchObject({
      statusCode: 428,
      headers: { link: '<https://example.com/keys>; rel="describedby"' },
      body: expect.stringContaining("Key, please"),
    });
  });

  test("replays may go unmarked", async () => {
    const { call } = serviceOf(createTransfer, { profile: ietf({ replayMarker: undefined }) });
    const first = await call(httpApiEvent({ key: "k" }));
    expect(await call(httpApiEvent({ key: "k" }))).toEqual(first);
  });
});

describe("the handler's context", () => {
  test("has the key, a fence that grows, and downstream keys that stay the same", async () => {
    const seen: { key: string | undefined; fence: number | undefined; charge: string }[] = [];
    const { call } = serviceOf(({ context: { idempotency }, count }) => {
      const { key, fence } = idempotency;
      seen.push({ key, fence, charge: idempotency.downstreamKey("charge") });
      expect(idempotency.isReplay).toBe(false);
      expect(idempotency.entityId).toBeUndefined();
      expect(idempotency.downstreamKey("refund")).not.toBe(idempotency.downstreamKey("charge"));
      return { statusCode: count === 1 ? 503 : 201 };
    });
    await call(httpApiEvent({ key: "order-1" }));
    await call(httpApiEvent({ key: "order-1" }));
    expect(seen[0]?.key).toBe("order-1");
    expect(seen[1]?.fence).toBe((seen[0]?.fence ?? 0) + 1);
    expect(seen[1]?.charge).toBe(seen[0]?.charge);
    expect(seen[0]?.charge).not.toContain("order-1");
  });

  test("has other downstream keys once the key has expired: it is another request then", async () => {
    const charges: string[] = [];
    const { call, clock } = serviceOf(({ context }) => {
      charges.push(context.idempotency.downstreamKey("charge"));
      return { statusCode: 201 };
    });
    await call(httpApiEvent({ key: "k" }));
    clock.advance(24 * 60 * 60_000);
    await call(httpApiEvent({ key: "k" }));
    expect(new Set(charges).size).toBe(2);
  });

  test("has no key and no fence if the client sent no key, and new downstream keys each time", async () => {
    const charges = new Set<string>();
    const { call } = serviceOf(
      ({ context: { idempotency } }) => {
        expect(idempotency).toMatchObject({ key: undefined, fence: undefined });
        charges.add(idempotency.downstreamKey("charge"));
        return idempotency.reject({ statusCode: 422 });
      },
      { profile: dwolla() },
    );
    await call(httpApiEvent({}));
    await call(httpApiEvent({}));
    expect(charges.size).toBe(2);
  });

  test("hands on the signal that Middy gives to handlers", async () => {
    const { signal } = new AbortController();
    const handler = idempotent(
      (
        _event: unknown,
        context: WithIdempotency<TestContext>,
        options: { signal: AbortSignal },
      ) => {
        expect(options.signal).toBe(signal);
        expect(context.idempotency.signal).toBe(signal);
        return { statusCode: 201 };
      },
      { store: memoryStore(), singleTenant: true },
    );
    expect(await handler(httpApiEvent({ key: "k" }), {}, { signal })).toEqual({ statusCode: 201 });
  });
});

describe("independently of the client:", () => {
  test("an event that is not an HTTP request is an error that names its members", async () => {
    const { call } = serviceOf(createTransfer);
    await expect(call({ Records: [] })).rejects.toThrow(
      /neither requestContext\.http\.method nor httpMethod, only \["Records"\]/,
    );
  });

  test("a missing operation is an error, and nothing is claimed", async () => {
    const { call, observed } = serviceOf(createTransfer, { operation: () => "" });
    await expect(call(httpApiEvent({ key: "k" }))).rejects.toThrow(
      'the option operation returned ""',
    );
    expect(observed).toEqual([]);
  });

  test("a handler may be called without a context", async () => {
    const handler = idempotent(() => ({ statusCode: 201 }), {
      store: memoryStore(),
      singleTenant: true,
    });
    expect(await handler(httpApiEvent({ key: "k" }), undefined as never)).toEqual({
      statusCode: 201,
    });
  });

  test("a missing tenant is an error, and nothing is claimed", async () => {
    const { call, observed } = serviceOf(createTransfer, {
      singleTenant: undefined,
      tenant: () => undefined,
    } as never);
    await expect(call(httpApiEvent({ key: "k" }))).rejects.toMatchObject({
      name: "IdempotencyConfigurationError",
      message: expect.stringContaining("the option tenant returned undefined"),
    });
    expect(observed).toEqual([]);
  });

  test("an error that the tenant's function throws goes on unchanged", async () => {
    const unauthorised = Object.assign(new Error("who are you?"), { statusCode: 401 });
    const { call } = serviceOf(createTransfer, {
      singleTenant: undefined,
      tenant: () => {
        throw unauthorised;
      },
    } as never);
    await expect(call(httpApiEvent({ key: "k" }))).rejects.toBe(unauthorised);
  });

  test("by default only an observation that needs an operator is a warning", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
    const { call } = serviceOf(() => ({ statusCode: 201, body: "x".repeat(500_000) }), {
      observe: undefined,
    } as never);
    await call(httpApiEvent({ key: "k" }));
    await call(httpApiEvent({ key: "k" }));
    expect(warn.mock.calls).toEqual([
      ["lambda-idempotency:", expect.objectContaining({ kind: "bodyNotKept" })],
    ]);
    warn.mockRestore();
  });

  test("an observer that throws changes nothing", async () => {
    const { call } = serviceOf(createTransfer, {
      observe: () => {
        throw new Error("the metrics are down");
      },
    });
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
  });
});
