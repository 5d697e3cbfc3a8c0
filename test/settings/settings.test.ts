import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, jest, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  dfns,
  dwolla,
  idempotent,
  ietf,
  memoryStore,
  orzcash,
  type Profile,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { Observation } from "../../lib/observe.ts";
import { resolveSettings } from "../../lib/settings/settings.ts";
import { manualClock } from "../support/clock.ts";

const GOOD = { store: memoryStore(), singleTenant: true };
const tenant = () => "holder-1";
const STRICT = { header: "Idempotency-Key", strict: true };

/** Each way of using the library, with options that the compiler has not checked. */
const FORMS: [string, (options: unknown) => unknown][] = [
  ["idempotent()", (options) => idempotent(async () => ({ statusCode: 200 }), options as never)],
  ["idempotency()", (options) => idempotency(options as never)],
];

describe.each(FORMS)("%s accepts when it is called", (_name, make) => {
  test.each<[string, object]>([
    ["the least: a store and a tenant", { store: memoryStore(), tenant }],
    ["a single tenant", GOOD],
    ["every profile", { ...GOOD, profile: dwolla() }],
    ["a profile with a knob turned", { ...GOOD, profile: ietf({ inFlight: { waitMs: 1 } }) }],
    ["keys that must be quoted", { ...GOOD, profile: ietf({ keyFrom: [STRICT] }) }],
    ["records that never expire", { ...GOOD, profile: ietf({ retention: "never" }) }],
    ["an operation by name", { ...GOOD, operation: "create transfer" }],
    ["an operation by event", { ...GOOD, operation: () => "create transfer" }],
    ["a secret", { ...GOOD, secret: "pepper" }],
    ["the smallest margin", { ...GOOD, leaseMarginMs: 1 }],
    ["the largest margin", { ...GOOD, leaseMarginMs: 900_000 }],
    ["a cache with the default bounds", { ...GOOD, cache: {} }],
    ["a cache with its own bounds", { ...GOOD, cache: { maxEntries: 1, maxBytes: 1_000 } }],
    ["rules for valid requests", { ...GOOD, validate: () => undefined }],
    [
      "more of the event for the completer",
      { ...GOOD, profile: orzcash(), keptEvent: { headers: ["accept-language"] } },
    ],
    ["a look before each claim", { ...GOOD, readFirst: "always" }],
    [
      "the tools of tests",
      { ...GOOD, observe: () => {}, randomUUID: () => "id", clock: manualClock() },
    ],
  ])("%s", (_what, options) => {
    expect(() => make(options)).not.toThrow();
  });
});

describe.each(FORMS)("%s refuses when it is called, not at the first payment,", (_name, make) => {
  describe("an unknown name, and advises the nearest known name:", () => {
    test.each([
      ["tenent", "tenant"],
      ["tenantId", "tenant"],
      ["stores", "store"],
      ["singletenant", "singleTenant"],
      ["leaseMargin", "leaseMarginMs"],
      ["profil", "profile"],
      ["secrets", "secret"],
      ["observer", "observe"],
    ])("%s is meant to be %s", (wrong, right) => {
      const options = { ...GOOD, [wrong]: 1 };
      expect(() => make(options)).toThrow(mistake(`"${wrong}"`, `Did you mean "${right}"?`));
    });

    test.each([
      ["onInflight", "inFlight"],
      ["retentionSeconds", "retention"],
      ["onMissmatch", "mismatch"],
      ["keyfrom", "keyFrom"],
    ])("profile.%s is meant to be profile.%s", (wrong, right) => {
      const options = { ...GOOD, profile: { ...ietf(), [wrong]: 1 } };
      expect(() => make(options)).toThrow(
        mistake("profile", `"${wrong}"`, `Did you mean "${right}"?`),
      );
    });
  });

  describe("options that are not an object:", () => {
    test.each([[undefined], [null], ["a table name"], [7]])("%p", (options) => {
      expect(() => make(options)).toThrow(mistake("options", String(options)));
    });
  });

  describe("a store that is not one:", () => {
    test.each<[string, object, string]>([
      ["missing", { singleTenant: true }, "undefined"],
      ["null", { singleTenant: true, store: null }, "null"],
      ["a table name", { singleTenant: true, store: "records" }, "'records'"],
      ["without all its methods", { singleTenant: true, store: { claim: tenant } }, "{"],
    ])("%s", (_what, options, value) => {
      expect(() => make(options)).toThrow(mistake("store", value, "expected a store"));
    });
  });

  describe("a tenant that is missing, or given twice:", () => {
    test.each<[string, object]>([
      ["neither tenant nor singleTenant", {}],
      ["both tenant and singleTenant", { tenant, singleTenant: true }],
      ["a tenant that is no function", { tenant: "holder-1" }],
    ])("%s", (_what, options) => {
      expect(() => make({ store: memoryStore(), ...options })).toThrow(
        mistake("tenant", "expected a function", "singleTenant: true"),
      );
    });
  });

  test.each([[false], ["yes"]])("a singleTenant that is %p", (singleTenant) => {
    expect(() => make({ store: memoryStore(), singleTenant })).toThrow(
      mistake("singleTenant", "expected true, or else a function as tenant"),
    );
  });

  describe("an invalid margin:", () => {
    test.each([[0], [-1], [900_001], [Number.NaN], [Infinity], [-Infinity], [null], ["soon"]])(
      "%p",
      (leaseMarginMs) => {
        expect(() => make({ ...GOOD, leaseMarginMs })).toThrow(
          mistake("leaseMarginMs", "expected milliseconds above 0 and up to 900000"),
        );
      },
    );

    test.each([[0], [-1], [900_001]])("and tells its value: %p", (leaseMarginMs) => {
      expect(() => make({ ...GOOD, leaseMarginMs })).toThrow(mistake(`is ${leaseMarginMs};`));
    });
  });

  test.each([
    [true],
    [null],
    [1_000],
    [{ maxEntries: 0 }],
    [{ maxBytes: 1.5 }],
    [{ maxEntries: "100" }],
    [{ entries: 100 }],
  ])("an invalid cache: %p", (cache) => {
    expect(() => make({ ...GOOD, cache })).toThrow(
      mistake("cache is", "expected an object with maxEntries and maxBytes"),
    );
  });

  test.each([[true], ["sometimes"]])("an invalid readFirst: %p", (readFirst) => {
    expect(() => make({ ...GOOD, readFirst })).toThrow(
      mistake("readFirst is", 'expected "never" or "suspected" or "always"'),
    );
  });

  describe("an invalid profile:", () => {
    test.each([[null], ["dwolla"], [7], [ietf]])("%p", (profile) => {
      expect(() => make({ ...GOOD, profile })).toThrow(mistake("profile"));
    });

    test("an empty one", () => {
      expect(() => make({ ...GOOD, profile: {} })).toThrow(mistake("profile", "undefined"));
    });
  });

  describe("an invalid wait for the request in flight:", () => {
    test.each<[string, unknown, string]>([
      ["a word", "wait", "'wait'"],
      ["zero", { waitMs: 0 }, "{ waitMs: 0 }"],
      ["negative", { waitMs: -1 }, "{ waitMs: -1 }"],
      ["not a number", { waitMs: Number.NaN }, "waitMs"],
      ["without its time", {}, "{}"],
      ["null", null, "null"],
      ["a bare number", 500, "500"],
    ])("%s", (_what, inFlight, value) => {
      expect(() => make(withKnob({ inFlight }))).toThrow(
        mistake("profile", "inFlight", value, 'expected "refuse" or { waitMs'),
      );
    });
  });

  describe("an invalid retention, or one that is shorter than a claim may live:", () => {
    test.each<[string, unknown, string]>([
      ["zero", { seconds: 0, from: "claim" }, "seconds: 0"],
      ["negative", { seconds: -86_400, from: "claim" }, "-86400"],
      ["just shorter than the longest lease", { seconds: 3_599, from: "claim" }, "3599"],
      ["a fraction", { seconds: 86_400.5, from: "claim" }, "86400.5"],
      ["not a number", { seconds: Number.NaN, from: "claim" }, "seconds"],
      ["infinite", { seconds: Infinity, from: "claim" }, "seconds"],
      ["a text", { seconds: "86400", from: "claim" }, "'86400'"],
      ["a bare number", 86_400, "86400"],
      ["another word", "forever", "'forever'"],
      ["null", null, "null"],
    ])("%s", (_what, retention, value) => {
      expect(() => make(withKnob({ retention }))).toThrow(
        mistake("profile", "retention", value, 'expected "never" or { seconds'),
      );
    });
  });
});

describe("dynamoDbStore() refuses when it is called", () => {
  const store = (options: unknown) => () => dynamoDbStore(options as never);

  test.each<[string, object, string]>([
    ["undefined", {}, "undefined"],
    ["empty, as an environment variable that is not set", { tableName: "" }, "''"],
    ["not a text", { tableName: 7 }, "7"],
  ])("a table name that is %s", (_what, options, value) => {
    expect(store(options)).toThrow(
      mistake("tableName", value, "expected the name of a DynamoDB table"),
    );
  });

  test.each([
    ["table", "tableName"],
    ["tablename", "tableName"],
    ["clients", "client"],
  ])("an unknown name: %s is meant to be %s", (wrong, right) => {
    expect(store({ tableName: "records", [wrong]: 1 })).toThrow(
      mistake("dynamoDbStore", `"${wrong}"`, `Did you mean "${right}"?`),
    );
  });

  test("options that are not an object", () => {
    expect(store(undefined)).toThrow(mistake("dynamoDbStore", "undefined"));
    expect(store("records")).toThrow(mistake("dynamoDbStore", "records"));
  });

  test("no valid options", () => {
    const client = new DynamoDBClient({ region: "eu-central-1" });
    expect(store({ tableName: "records", client })).not.toThrow();
    client.destroy();
  });
});

function withKnob(knob: { [Name in keyof Profile]?: unknown }): object {
  return { ...GOOD, profile: { ...ietf(), ...knob } };
}

/** A ConfigurationError with all of these texts in its message, in their order. */
function mistake(...texts: string[]): unknown {
  const literal = texts.map((text) => text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return expect.objectContaining({
    name: "IdempotencyConfigurationError",
    code: "configuration",
    retryable: false,
    message: expect.stringMatching(new RegExp(literal.join("[^]*"))),
  });
}

describe.each(FORMS)("%s refuses when it is made", (_name, make) => {
  const profile = (knob: object) => ({ profile: { ...ietf(), ...knob } });
  const circular: Record<string, unknown> = {};
  circular.itself = circular;
  test.each([
    [{ leaseMarginMs: "500" }],
    [{ leaseMarginMs: 5n }],
    [{ tenant: "acme" }],
    [{ tenant: () => "a", singleTenant: "yes" }],
    [{ store: circular }],
    [{ store: new DynamoDBClient({ region: "eu-central-1" }) }],
    [{ operation: 5 }],
    [{ operation: "" }],
    [{ secret: "" }],
    [{ secret: null }],
    [{ observe: "x" }],
    [{ clock: {} }],
    [{ randomUUID: "x" }],
    [profile({ inFlight: { waitMs: "100" } })],
    [profile({ inFlight: { waitMs: Number.POSITIVE_INFINITY } })],
    [profile({ mismatch: "ignore" })],
    [profile({ completed: "x" })],
    [profile({ interrupted: "retsart" })],
    [profile({ missingKey: "400" })],
    [profile({ keyFormat: "uid" })],
    [profile({ keyFrom: [] })],
    [profile({ keyFrom: "Idempotency-Key" })],
    [profile({ keyFrom: [{ header: "" }] })],
    [profile({ keyFrom: [{ header: "Idempotency Key" }] })],
    [profile({ keyFrom: [{ header: "Idempotency-Key", pointer: "/key" }] })],
    [profile({ keyFrom: [{ pointer: "externalId" }] })],
    [profile({ keyFrom: [{ pointer: "/a~2" }] })],
    [profile({ keyFrom: [null] })],
    [profile({ keyFrom: [{ header: "Idempotency-Key", strict: "yes" }] })],
    [profile({ keyFrom: [{ pointer: "/key", strict: true }] })],
    [profile({ scope: "account" })],
    [profile({ keepsResponses: "no" })],
    [profile({ retention: { seconds: 86_400 } })],
    [profile({ retention: { seconds: 86_400, from: "start" } })],
    [profile({ outcome: {} })],
    [profile({ envelope: undefined })],
    [profile({ fingerprint: undefined })],
    [profile({ fingerprint: { method: true, path: true, query: true, boddy: true } })],
    [profile({ fingerprint: { ...ietf().fingerprint, path: { exclude: ["/a"] } } })],
    [profile({ fingerprint: { ...ietf().fingerprint, body: { exclude: ["a"] } } })],
    [profile({ fingerprint: { ...ietf().fingerprint, body: { exclude: [] } } })],
    [profile({ fingerprint: { ...ietf().fingerprint, body: { without: ["/a"] } } })],
    [
      profile({
        fingerprint: { ...ietf().fingerprint, body: { include: ["/a"], exclude: ["/b"] } },
      }),
    ],
    [profile({ refusals: null })],
    [profile({ refusals: { key_mising: {} } })],
    [profile({ refusals: { payload_mismatch: 409 } })],
    [profile({ refusals: { payload_mismatch: { statusCode: 409 } } })],
    [profile({ refusals: { payload_mismatch: { status: "409" } } })],
    [profile({ refusals: { payload_mismatch: { status: 200 } } })],
    [profile({ refusals: { payload_mismatch: { message: 7 } } })],
    [profile({ refusals: { request_in_flight: { retryAfterSeconds: -1 } } })],
    [profile({ replayMarker: "" })],
    [profile({ documentationUrl: "docs" })],
    [{ profile: { inFlight: "refuse", retention: "never" } }],
  ])("%p", (wrong) => {
    expect(() => make({ ...GOOD, ...wrong })).toThrow(mistake("expected"));
  });

  test.each([
    [{ mismatch: "replay", completed: "refuse" }],
    [{ completed: "replay" }],
    [{ completed: "entity", retention: "never" }],
  ])("a profile that replays responses that it does not keep: %p", (knobs) => {
    expect(() => make({ ...GOOD, ...profile({ keepsResponses: false, ...knobs }) })).toThrow(
      mistake("keepsResponses is false", "nothing can be replayed"),
    );
  });

  test("a profile that refuses interrupted work, and lets its claim expire", () => {
    expect(() => make({ ...GOOD, ...profile({ interrupted: "refuse" }) })).toThrow(
      mistake('interrupted is "refuse"', "86400 seconds", 'expected retention "never"'),
    );
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY]])("a margin of %p, and tells it", (value) => {
    expect(() => make({ ...GOOD, leaseMarginMs: value })).toThrow(mistake(`is ${value};`));
  });
});

describe("an option is refused with the expected value:", () => {
  const readMessage = (options: object) => {
    try {
      idempotent(async () => ({ statusCode: 200 }), { ...GOOD, ...options } as never);
    } catch (error) {
      return (error as Error).message;
    }
    return "none";
  };

  test.each<[string, unknown, string]>([
    ["store", {}, "a store, for example dynamoDbStore({ tableName }) or memoryStore()"],
    [
      "tenant",
      7,
      "a function that returns the authenticated principal, or else singleTenant: true",
    ],
    ["singleTenant", false, "true, or else a function as tenant"],
    ["profile", "dwolla", "a profile, for example dwolla()"],
    ["loadEntity", "x", "a function"],
    ["validate", true, "a function"],
    ["claimAt", "twice", '"start" or "commit"'],
    ["uncommitted", "ignore", '"record" or "refuse"'],
    ["largeResponse", "ignore", '"refuse" or "omit-body"'],
    ["differentResponse", "ignore", '"throw" or "warn"'],
    ["operation", "", "a name, or a function that returns one"],
    ["operation", "undefined", "a name, or a function that returns one"],
    ["service", "", "the name of the service"],
    ["service", "undefined", "the name of the service"],
    ["service", () => "payments", "the name of the service"],
    ["secret", "", "a text, or { ids, fingerprints }, two texts"],
    [
      "cache",
      { maxEntries: -1 },
      "an object with maxEntries and maxBytes, whole numbers above 0, either of which may be left out",
    ],
    ["readFirst", "often", '"never" or "suspected" or "always"'],
    ["leaseMarginMs", 0, "milliseconds above 0 and up to 900000"],
    ["observe", "x", "a function"],
    ["clock", { now: Date.now }, "an object with now() and sleep(durationMs)"],
    ["clock", { sleep: () => {} }, "an object with now() and sleep(durationMs)"],
    ["randomUUID", "x", "a function"],
  ])("%s", (name, value, expected) => {
    const message = readMessage({ [name]: value });
    expect(message.startsWith(`idempotency: ${name} is `)).toBe(true);
    expect(message.endsWith(`; expected ${expected}.`)).toBe(true);
  });

  test.each(["claim", "complete", "checkpoint", "release", "free", "extend", "read"])(
    "a store that cannot %s",
    (method) => {
      const store = { ...memoryStore(), [method]: undefined };
      expect(readMessage({ store })).toContain("expected a store");
    },
  );

  test("neither or both of tenant and singleTenant", () => {
    const message = (fault: string) =>
      `idempotency: ${fault}; expected a function as tenant, which returns the authenticated principal, or else singleTenant: true.`;
    expect(readMessage({ singleTenant: undefined })).toBe(
      message("neither tenant nor singleTenant is given"),
    );
    expect(readMessage({ tenant })).toBe(message("both tenant and singleTenant are given"));
  });

  test("loadEntity is missing, or is given to a profile that never calls it", () => {
    expect(readMessage({ profile: dfns() })).toBe(
      "idempotency: the profile dfns responds to repeats with the entity in its present state, so it needs loadEntity, a function that loads the entity by its id.",
    );
    expect(readMessage({ loadEntity: () => undefined })).toBe(
      'idempotency: loadEntity is given, but the profile ietf never asks for it (its completed is "replay"). Remove loadEntity, or choose a profile with completed: "entity", for example dfns().',
    );
  });

  test("options that are not an object, and an unknown option with a list of the known options", () => {
    expect(() => idempotent(async () => ({ statusCode: 200 }), null as never)).toThrow(
      "idempotency: expected an object with options, got null.",
    );
    expect(readMessage({ tenent: 1 })).toBe(
      'idempotency: there is no option "tenent". Did you mean "tenant"? The options are: store, tenant, singleTenant, claimAt, uncommitted, service, secret, cache, leaseMarginMs, executionTimeoutSeconds, observe, clock, randomUUID, profile, loadEntity, validate, largeResponse, differentResponse, operation, keptEvent, readFirst.',
    );
  });

  test("a long or deep value is shown in one short line", () => {
    const message = readMessage({ claimAt: { deep: { er: { est: 1 } }, long: "x".repeat(500) } });
    expect(message).toMatch(
      /^idempotency: claimAt is \{ deep: \{ er: \[Object\] \}, long: '(x{80})'\.\.\. 420 more characters \}; expected/,
    );
  });
});

test("dynamoDbStore() names the expected value of each of its options", () => {
  const store = (options: object) => () =>
    dynamoDbStore({ tableName: "records", ...options } as never);
  expect(store({ tableName: "" })).toThrow(
    "dynamoDbStore: tableName is ''; expected the name of a DynamoDB table (is the environment variable that holds it set?).",
  );
  expect(store({ client: {} })).toThrow("dynamoDbStore: client is {}; expected a DynamoDBClient.");
  expect(store({ client: null })).toThrow("expected a DynamoDBClient.");
  expect(store({ multiRegionConsistency: "eventual" })).toThrow(
    `multiRegionConsistency is 'eventual'; expected "none" or "strong".`,
  );
  expect(store({ multiRegionConsistency: "none" })).not.toThrow();
});

describe("without an observer, an observation that needs an operator is a warning:", () => {
  const base = { recordId: "id", fence: 1, cause: new Error("down"), reason: "r", message: "m" };
  const observe = (observation: object) => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
    resolveSettings(GOOD as never).tools.observe(observation as Observation);
    const warned = warn.mock.calls;
    warn.mockRestore();
    return warned;
  };

  test.each([
    "fenced",
    "unsettled",
    "bodyNotKept",
    "eventNotKept",
    "responseDiffers",
    "invalidResponse",
    "refused",
  ])("%s", (kind) => {
    const observation = { ...base, kind };
    expect(observe(observation)).toEqual([["lambda-idempotency:", observation]]);
  });

  test("left, if a response was not recorded", () => {
    const observation = { kind: "left", recordId: "r", fence: 1, message: "it came late" };
    expect(observe(observation)).toHaveLength(1);
    expect(observe({ kind: "left", recordId: "r", fence: 1 })).toHaveLength(0);
  });

  test.each([
    ["claimed", base],
    ["completed", base],
    ["replayed", base],
    ["released", base],
    ["refused", { code: "key_missing" }],
  ])("but not an observation that needs no operator: %s", (kind, observation) => {
    expect(observe({ ...observation, kind })).toEqual([]);
  });
});

describe("an omitted option has its default:", () => {
  const resolved = (options: object = {}) => resolveSettings({ ...GOOD, ...options } as never);

  test("all options but the store and the tenant", () => {
    const { tools, ...settings } = resolved();
    expect(settings).toMatchObject({
      claimAt: "start",
      uncommitted: "record",
      largeResponse: "refuse",
      differentResponse: "throw",
      secrets: { ids: undefined, fingerprints: undefined },
      profile: { name: "ietf" },
    });
    expect(tools).toMatchObject({ store: GOOD.store, cache: undefined, leaseMarginMs: 1_000 });
    expect(tools.randomUUID()).toMatch(/^[0-9a-f]{8}-/);
    expect(tools.clock.now()).toBeGreaterThan(Date.UTC(2025, 0));
    expect(settings.tenant).toBeUndefined();
  });

  test("a given option replaces its default", () => {
    const observed: Observation[] = [];
    const given = {
      randomUUID: () => "id-1",
      observe: (one: Observation) => observed.push(one),
      cache: {},
      uncommitted: "refuse",
      largeResponse: "omit-body",
      differentResponse: "warn",
      secret: "pepper",
    };
    const { tools, ...settings } = resolved(given);
    expect(tools.randomUUID()).toBe("id-1");
    tools.observe({ kind: "replayed", recordId: "id-1" });
    expect(observed).toEqual([{ kind: "replayed", recordId: "id-1" }]);
    expect(tools.cache?.find("id-1")).toBeUndefined();
    expect(settings).toMatchObject({
      uncommitted: "refuse",
      largeResponse: "omit-body",
      differentResponse: "warn",
      secrets: { ids: "pepper", fingerprints: "pepper" },
    });
  });

  test("readFirst: no record is read before the claim, unless it is set", () => {
    const request = { header: () => [] } as never;
    expect(resolved().isReadFirst("id-1", request)).toBe(false);
    expect(resolved({ readFirst: "always" }).isReadFirst("id-1", request)).toBe(true);
  });

  test("operation: the route, the given name, or the result of the function", () => {
    expect(resolved().operation({}, "POST /a")).toBe("POST /a");
    expect(resolved({ operation: "pay" }).operation({}, "POST /a")).toBe("pay");
    const operation = ({ name }: { name: string }) => name;
    expect(resolved({ operation }).operation({ name: "refund" }, "POST /a")).toBe("refund");
  });

  test("loadEntity: without a function there is no entity", async () => {
    expect(await resolved().loadEntity("e-1", {})).toBeUndefined();
    const loadEntity = (id: string) => ({ statusCode: 200, body: id });
    const { loadEntity: load } = resolved({ profile: dfns(), loadEntity });
    expect(await load("e-1", {})).toEqual({ statusCode: 200, body: "e-1" });
  });

  test.each([
    ["development", "throw"],
    ["test", "throw"],
    ["production", "warn"],
    [undefined, "warn"],
  ])("with NODE_ENV %s, differentResponse: %s", (environment, expected) => {
    const before = process.env.NODE_ENV;
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
    const { differentResponse } = resolved();
    process.env.NODE_ENV = before;
    expect(differentResponse).toBe(expected);
  });

  test("claimAt commit needs a store that commits", () => {
    expect(() => resolved({ claimAt: "commit" })).toThrow(
      'idempotency: claimAt "commit" needs a store that commits. Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency',
    );
    const commit = async () => ({ applied: true }) as const;
    expect(resolved({ claimAt: "commit", store: { ...memoryStore(), commit } }).claimAt).toBe(
      "commit",
    );
  });
});
