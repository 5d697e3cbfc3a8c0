import { describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { RECORD_ATTRIBUTES } from "../../lib/dynamodb/layout.ts";
import { defineProfile, dwolla, idempotent, memoryStore } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";

const GOOD = { store: memoryStore(), singleTenant: true };

/** Each place that takes options, called with the given options besides its own. */
const PLACES = {
  idempotent: (options: object) =>
    idempotent(async () => ({ statusCode: 200 }), { ...GOOD, ...options } as never),
  idempotency: (options: object) => idempotency({ ...GOOD, ...options } as never),
  profile: (options: object) =>
    idempotent(async () => ({ statusCode: 200 }), {
      ...GOOD,
      profile: dwolla(options),
    } as never),
  defineProfile: (options: object) => defineProfile({ name: "acme", ...options }),
  store: (options: object) => dynamoDbStore({ tableName: "records", ...options } as never),
};
type Place = keyof typeof PLACES;

function readMessage(place: Place, name: string): string {
  try {
    PLACES[place]({ [name]: 1 });
  } catch (error) {
    expect((error as Error).name).toBe("IdempotencyConfigurationError");
    return (error as Error).message;
  }
  return "nothing";
}

/** The options of a place, as its message lists them. */
function listOptions(place: Place): readonly string[] {
  const [, list = ""] = readMessage(place, "qqqq").split("The options are: ");
  return list.replace(/\.$/, "").split(", ");
}

const HOMES: [Place, string, readonly Place[]][] = [
  [
    "idempotent",
    "the function: idempotent(handler, { %s: … })",
    ["profile", "defineProfile", "store"],
  ],
  ["profile", "the profile: dwolla({ %s: … })", ["idempotent", "idempotency", "store"]],
  [
    "store",
    "the store: dynamoDbStore({ %s: … })",
    ["idempotent", "idempotency", "profile", "defineProfile"],
  ],
];

describe.each(HOMES)("every option of %s", (home, usage, others) => {
  test.each(others)("is sent home when given to %s", (place) => {
    const options = listOptions(home);
    expect(options.length).toBeGreaterThan(2);
    for (const name of options) {
      expect(readMessage(place, name)).toMatch(
        new RegExp(`^(idempotency|profile|dynamoDbStore): there is no option "${name}". `),
      );
      expect(readMessage(place, name)).toContain(` It belongs to ${usage.replace("%s", name)}.`);
    }
  });
});

test("the message has only the place of the option, without a list of other names", () => {
  expect(readMessage("idempotent", "retention")).toBe(
    'idempotency: there is no option "retention". It belongs to the profile: dwolla({ retention: … }).',
  );
});

test.each([
  ["idempotent", "retentionSeconds", "retention", "the profile: dwolla({ retention: … })"],
  ["idempotency", "onMissmatch", "mismatch", "the profile: dwolla({ mismatch: … })"],
  ["idempotent", "table", "tableName", "the store: dynamoDbStore({ tableName: … })"],
  ["profile", "tenantId", "tenant", "the function: idempotent(handler, { tenant: … })"],
  // Half of the pairs of letters suffices.
  ["profile", "tenx", "tenant", "the function: idempotent(handler, { tenant: … })"],
] as const)(
  "%s: a misspelt option of another place, %s, is recognised",
  (place, wrong, right, home) => {
    expect(readMessage(place, wrong)).toContain(`Did you mean "${right}"? It belongs to ${home}.`);
  },
);

describe("Powertools' names", () => {
  const THEIRS: [string, string][] = [
    ["expiresAfterSeconds", "here it is retention, of the profile: dwolla({ retention:"],
    ["expires_after_seconds", "here it is retention, of the profile: dwolla({ retention:"],
    ["eventKeyJmesPath", "here it is keyFrom, of the profile: dwolla({ keyFrom:"],
    ["event_key_jmespath", "here it is keyFrom, of the profile: dwolla({ keyFrom:"],
    ["payloadValidationJmesPath", "here it is fingerprint, of the profile"],
    ["throwOnNoIdempotencyKey", 'dwolla({ missingKey: "refuse" })'],
    ["raise_on_no_idempotency_key", 'dwolla({ missingKey: "refuse" })'],
    ["persistenceStore", "here it is store: dynamoDbStore("],
    ["persistence_store", "here it is store: dynamoDbStore("],
    ["persistenceLayer", "here it is store: dynamoDbStore("],
    ["keyPrefix", "here it is operation, a name"],
    ["useLocalCache", "here it is cache: {}"],
    ["maxLocalCacheSize", "here it is cache: { maxEntries }"],
    ["local_cache_max_items", "here it is cache: { maxEntries }"],
    ["awsSdkV3Client", "dynamoDbStore({ tableName, client })"],
    ["clientConfig", "boundedClient("],
    ["keyAttr", "dynamoDbStore({ keyAttributes: { partitionKey"],
    ["sortKeyAttr", "dynamoDbStore({ keyAttributes: { partitionKey, sortKey: { name"],
    ["staticPkValue", "dynamoDbStore({ keyAttributes: {"],
    ["statusAttr", "dynamoDbStore({ attributes: { state: … } })"],
    ["expiryAttr", "dynamoDbStore({ attributes: { expiresAt: … } })"],
    ["inProgressExpiryAttr", "dynamoDbStore({ attributes: { leaseUntil: … } })"],
    ["dataAttr", "dynamoDbStore({ attributes: { response: … } })"],
    ["validationKeyAttr", "dynamoDbStore({ attributes: { fingerprint: … } })"],
    ["validation_key_attr", "dynamoDbStore({ attributes: { fingerprint: … } })"],
    ["hashFunction", "here it is secret, which makes HMACs"],
    ["config", "options of the function and of the profile"],
    ["lambdaContext", "not needed"],
    ["dataIndexArgument", "not needed"],
    ["jmesPathOptions", "JSON pointers"],
    ["responseHook", "middy(idempotent(handler, options)).after(…)"],
  ];

  test.each(THEIRS)("%s is recognised in every place", (name, advice) => {
    for (const place of Object.keys(PLACES) as Place[]) {
      expect(readMessage(place, name)).toContain(`there is no option "${name}". Powertools `);
      expect(readMessage(place, name)).toContain(advice);
    }
  });

  test("the options in the advice exist", () => {
    const advice = THEIRS.map(([name]) => readMessage("idempotent", name)).join("\n");
    const named = [...advice.matchAll(/dwolla\(\{ (\w+):/g)].map(([, name]) => name);
    expect([...new Set(named)].toSorted()).toEqual([
      "fingerprint",
      "keyFrom",
      "missingKey",
      "retention",
    ]);
    for (const name of named) expect(listOptions("profile")).toContain(name);
    const attributes = [...advice.matchAll(/attributes: \{ (\w+):/g)].map(([, name]) => name);
    expect(attributes).toHaveLength(6);
    for (const name of attributes) expect(RECORD_ATTRIBUTES).toContain(name);
    for (const name of ["store", "operation", "cache", "secret"]) {
      expect(listOptions("idempotent")).toContain(name);
    }
  });
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "a name that every object has, %s, is an unknown option like any other",
  (name) => {
    const options = JSON.parse(`{"${name}":1}`);
    expect(() => idempotent((() => {}) as never, Object.assign(options, GOOD))).toThrow(
      /there is no option .* Did you mean/,
    );
  },
);
