import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
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
import { isName } from "../../lib/scope-name.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Answer, serviceOf } from "../support/service.ts";

const PROFILES: Profile[] = [ietf(), dwolla(), orzcash(), dfns(), gluwa(), stripe()];

const KNOWN_MEMBERS = [
  ...["version", "routeKey", "rawPath", "rawQueryString", "httpMethod", "path", "resource"],
  ...["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"],
  ...["body", "isBase64Encoded", "requestContext", "idempotencyCompletion", "cookies"],
  ...["__proto__", "constructor", "toString"],
];

/** What AWS would never send: any of the members that are read, with anything in it. */
const events = fc.oneof(
  fc.anything(),
  fc.dictionary(fc.constantFrom(...KNOWN_MEMBERS), fc.anything(), { noNullPrototype: true }),
  fc.record(
    {
      requestContext: fc.constant({ http: { method: "POST" } }),
      headers: fc.dictionary(
        fc.constantFrom("idempotency-key", "content-type", "__proto__", "Idempotency-Key"),
        fc.oneof(fc.string({ unit: "binary" }), fc.constant("application/json"), fc.anything()),
      ),
      body: fc.oneof(
        fc.string({ unit: "binary" }),
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
  const options = profile.onCompleted === "entity" ? { loadEntity: () => undefined } : {};
  return serviceOf(() => ({ statusCode: 201, body: "done" }), {
    profile: { ...profile, onInFlight: "refuse" },
    store: memoryStore(),
    ...options,
  });
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
    test("whatever the event is, it is answered, or refused as an event that is no request", async () => {
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

test("whatever the key is, the answer is a 400 that does not repeat it, or the key counts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", minLength: 12 }), async (key) => {
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

test("no two tenants share a record, whatever they and their keys are called", async () => {
  const name = fc.string({ unit: "binary", minLength: 1 }).filter(isName);
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
  const timeOf = async (size: number, key: string) => {
    const startedAt = process.hrtime.bigint();
    await call(httpApiEvent({ key, body: body.slice(0, size) }));
    return Number(process.hrtime.bigint() - startedAt) / 1e6;
  };
  await timeOf(body.length / 10, "warm");
  const tenthMs = await timeOf(body.length / 10, "tenth");
  const wholeMs = await timeOf(body.length, "whole");
  // Linear is 10 times; what is quadratic is 100 times, and more than a second of it.
  expect(wholeMs).toBeLessThan(Math.max(tenthMs * 100, 1_000));
});
