import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isName } from "../../lib/checks/scope-name.ts";
import {
  dfns,
  dwolla,
  gluwa,
  ietf,
  memoryStore,
  orzcash,
  type Profile,
  stripe,
} from "../../lib/index.ts";
import { anyText } from "../support/any-text.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";
import { type Answer, serviceOf } from "../support/service.ts";

const PROFILES: Profile[] = [ietf(), dwolla(), orzcash(), dfns(), gluwa(), stripe()];

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const multiValueAlbEvent = (parts: RequestParts) => albEvent(parts, true);

const KNOWN_MEMBERS = [
  ...["version", "routeKey", "rawPath", "rawQueryString", "httpMethod", "path", "resource"],
  ...["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"],
  ...["body", "isBase64Encoded", "requestContext", "idempotencyCompletion", "cookies"],
  ...["__proto__", "constructor", "toString"],
];

/** Events that AWS never sends: any of the members that are read, with any value. */
const events = fc.oneof(
  fc.anything(),
  fc.dictionary(fc.constantFrom(...KNOWN_MEMBERS), fc.anything(), { noNullPrototype: true }),
  fc.record(
    {
      requestContext: fc.constant({ http: { method: "POST" } }),
      headers: fc.dictionary(
        fc.constantFrom("idempotency-key", "content-type", "__proto__", "Idempotency-Key"),
        fc.oneof(anyText(), fc.constant("application/json"), fc.anything()),
      ),
      body: fc.oneof(
        anyText(),
        fc.json(),
        fc.record({ Idem: fc.anything(), externalId: fc.anything() }).map((one) => text(one)),
        fc.anything(),
      ),
      isBase64Encoded: fc.oneof(fc.boolean(), fc.anything()),
      rawPath: fc.oneof(fc.webPath(), fc.anything()),
      rawQueryString: fc.oneof(fc.webQueryParameters(), fc.anything()),
      idempotencyCompletion: fc.anything(),
    },
    { requiredKeys: ["requestContext"] },
  ),
);

function text(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

function service(profile: Profile) {
  const options = profile.completed === "entity" ? { loadEntity: () => undefined } : {};
  return serviceOf(() => ({ statusCode: 201, body: "done" }), {
    profile: { ...profile, inFlight: "refuse" },
    store: memoryStore(),
    ...options,
  });
}

const circle: { self?: unknown } = {};
circle.self = circle;

/** Values that JSON does not have, or of another type than the member's. */
const foreignValue = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, circle, 7n, Symbol("s"), () => "", Number.NaN, ""),
  fc.constantFrom<unknown>(
    [null],
    [circle],
    [[7n]],
    { a: null },
    { a: [null, 1n] },
    new Map(),
    "\ud800",
  ),
  fc.anything({
    withBigInt: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withDate: true,
  }),
);

/** An AWS event with other values in some members, at any depth. */
const mangledEvents = fc
  .tuple(
    fc.constantFrom(
      httpApiEvent,
      functionUrlEvent,
      restApiEvent,
      albEvent,
      multiValueAlbEvent,
      vpcLatticeEvent,
    ),
    fc.array(fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), foreignValue), {
      maxLength: 4,
    }),
  )
  .map(([eventOf, changes]) => {
    const parts = {
      key: KEY,
      query: "a=1&b=2&b=3",
      body: JSON.stringify({ Idem: KEY, externalId: KEY }),
    };
    const event = {
      ...eventOf(parts),
      pathParameters: { id: "1" },
      stageVariables: null,
      cookies: [],
    };
    const known = structuredClone(event);
    for (const [path, value] of changes) mangle(known, event, path, value);
    return event as object;
  });

function mangle(known: object, event: object, path: readonly number[], value: unknown): void {
  const [at = 0, ...rest] = path;
  const names = Object.keys(known);
  const name = names[at % Math.max(names.length, 1)];
  if (name === undefined) return;
  const [inner, target] = [known, event].map((one) => (one as Record<string, unknown>)[name]);
  // The earlier values are shared by other events.
  const isIntact =
    JSON.stringify(Object.keys(inner ?? "")) === JSON.stringify(Object.keys(target ?? ""));
  if (rest.length > 0 && typeof inner === "object" && typeof target === "object" && isIntact) {
    mangle(inner ?? {}, target ?? {}, rest, value);
  } else {
    (event as Record<string, unknown>)[name] = value;
  }
}

let prototype: string[];
beforeEach(() => {
  prototype = Object.getOwnPropertyNames(Object.prototype);
});
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
});

describe.each(PROFILES.map((profile) => [profile.name, profile] as const))(
  "under %s,",
  (_, profile) => {
    test("any event gets a response, or is refused as no HTTP request", async () => {
      await fc.assert(
        fc.asyncProperty(events, async (event) => {
          const { call, runs } = service(profile);
          const outcome = await call(event, { functionName: "f" } as object).catch(
            (error: Error) => error,
          );
          if (outcome instanceof Error) {
            expect(outcome.name).toBe("IdempotencyConfigurationError");
            expect(runs()).toBe(0);
          } else {
            expect(Number.isInteger((outcome as Answer).statusCode)).toBe(true);
            expect(runs()).toBeLessThanOrEqual(1);
          }
        }),
        { numRuns: 300 },
      );
    });
  },
);

describe.each(PROFILES.map((profile) => [profile.name, profile] as const))(
  "under %s,",
  (_, profile) => {
    test("an event with members of other types works, or gets one clear error", async () => {
      await fc.assert(
        fc.asyncProperty(mangledEvents, async (event) => {
          const { call, runs } = service(profile);
          const outcome = await call(event, { functionName: "f" } as object).catch(
            (error: Error) => error,
          );
          if (outcome instanceof Error) {
            expect([outcome.name, outcome.message.length < 2_000]).toEqual([
              "IdempotencyConfigurationError",
              true,
            ]);
            expect(runs()).toBe(0);
          } else {
            expect(Number.isInteger((outcome as Answer).statusCode)).toBe(true);
          }
        }),
        { numRuns: 1_000 },
      );
    });
  },
);

test("a member that AWS does not send is not read, for any value", async () => {
  for (const member of [circle, 7n, Symbol("s"), new Map()]) {
    const { call, runs } = service(ietf());
    const event = { ...httpApiEvent({ key: KEY }), member, body: "{}" };
    expect((await call(event)).statusCode).toBe(201);
    expect((await call(event)).statusCode).toBe(201);
    expect(runs()).toBe(1);
  }
});

test("any key either counts, or gets a 400 that does not repeat it", async () => {
  await fc.assert(
    fc.asyncProperty(anyText({ minLength: 12 }), async (key) => {
      const { call, runs } = service(ietf());
      const event = httpApiEvent({ headers: { "Idempotency-Key": key } });
      const [first, second] = [await call(event), await call(event)];
      if (first.statusCode === 400) {
        expect(first.body).not.toContain(key);
        expect(runs()).toBe(0);
      } else {
        expect([first.statusCode, second.statusCode, runs()]).toEqual([201, 201, 1]);
      }
    }),
    { numRuns: 500 },
  );
});

test("no two tenants share a record, for any names of tenants and keys", async () => {
  const name = anyText({ minLength: 1 }).filter(isName);
  const visible = fc.stringMatching(/^[!#-+\--:<-~]{1,40}$/);
  await fc.assert(
    fc.asyncProperty(name, name, visible, visible, async (one, other, key, otherKey) => {
      fc.pre(one !== other);
      let runs = 0;
      const store = memoryStore();
      for (const [tenant, sent] of [
        [one, key],
        [other, otherKey],
        [other, key],
      ] as const) {
        const { call } = serviceOf(
          () => {
            runs += 1;
            return { statusCode: 201 };
          },
          { store, singleTenant: undefined, tenant: () => tenant } as never,
        );
        expect((await call(httpApiEvent({ key: sent }))).statusCode).toBe(201);
      }
      expect(runs).toBe(key === otherKey ? 2 : 3);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["a megabyte of nested arrays", "[".repeat(500_000) + "]".repeat(500_000)],
  ["a megabyte of nested objects", `${'{"a":'.repeat(190_000)}1${"}".repeat(190_000)}`],
  [
    "a megabyte of members",
    `{${Array.from({ length: 60_000 }, (_, at) => `"m${at}":${at}`).join()}}`,
  ],
  ["a megabyte of one member", `{${Array.from({ length: 100_000 }, () => `"m":1`).join()}}`],
  ["a megabyte of escapes", `"${"\\u0041".repeat(170_000)}"`],
  ["a string without an end", `"${"\\\\".repeat(500_000)}`],
  ["a number without an end", "1".repeat(1_000_000)],
])("%s takes no longer than a hundred times as much as a tenth of it", async (_name, body) => {
  const { call } = service(ietf());
  const measureMs = async (size: number, key: string) => {
    const startedAt = process.hrtime.bigint();
    await call(httpApiEvent({ key, body: body.slice(0, size) }));
    return Number(process.hrtime.bigint() - startedAt) / 1e6;
  };
  await measureMs(body.length / 10, "warm");
  const tenthMs = await measureMs(body.length / 10, "tenth");
  const wholeMs = await measureMs(body.length, "whole");
  // Linear time grows 10 times; quadratic time grows 100 times, to more than a second.
  expect(wholeMs).toBeLessThan(Math.max(tenthMs * 100, 1_000));
});
