import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  downstreamKey,
  isUuid,
  normaliseKey,
  type Origin,
  recordId,
  type Scope,
  stepKey,
} from "../../lib/protocol/key.ts";
import { anyText } from "../support/any-text.ts";
import { START_MS } from "../support/clock.ts";

const SCOPE: Scope = { tenant: "holder-1", operation: "POST /transfers", key: "order-4711" };
const UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/** Characters that might join parts, and the digits of a length. */
const awkward = fc.string({
  unit: fc.constantFrom("a", "b", "0", "1", "2", ":", "|", "#", "/", ",", '"', "\\", "\0", "é"),
  maxLength: 12,
});
const part = fc.oneof(awkward, anyText());
const scope = fc.record({ tenant: part, operation: part, key: part });

describe("the id of a record", () => {
  test("is the same for the same tenant, operation and key", () => {
    fc.assert(fc.property(scope, (one) => expect(recordId({ ...one })).toBe(recordId(one))));
  });

  test("is never shared by two different scopes", () => {
    fc.assert(
      fc.property(scope, scope, (one, other) => {
        fc.pre(Object.values(one).some((value, at) => value !== Object.values(other)[at]));
        expect(recordId(one)).not.toBe(recordId(other));
      }),
    );
  });

  test("is never shared by scopes that differ only in where one part ends", () => {
    const cuts = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }));
    fc.assert(
      fc.property(awkward, cuts, cuts, (text, one, other) => {
        const [first, second] = [cut(text, one), cut(text, other)];
        fc.pre(JSON.stringify(first) !== JSON.stringify(second));
        expect(recordId(first)).not.toBe(recordId(second));
      }),
    );
  });

  test("differs when two parts change places", () => {
    const { tenant, operation = "", key } = SCOPE;
    const ids = [
      { tenant, operation, key },
      { tenant: operation, operation: tenant, key },
      { tenant: key, operation, key: tenant },
      { tenant, operation: key, key: operation },
    ].map((one) => recordId(one));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is another one for each service, each kind, and without an operation", () => {
    const { tenant, operation, key } = SCOPE;
    const ids = [
      { tenant, operation, key },
      { tenant, operation, key, service: "payments" },
      { tenant, operation, key, service: "refunds" },
      { tenant, operation, key: "payments", service: key },
      { tenant, key },
      { tenant, key, kind: "transfer" },
      { tenant, key, kind: "transaction" },
      { tenant, operation, key, kind: "transfer" },
      { tenant, operation: "transfer", key },
      { tenant, operation: "transfer", key, service: "kind" },
    ].map((one) => recordId(one));
    expect(new Set(ids).size).toBe(ids.length);
    expect(recordId({ tenant, operation, key, service: "" })).toBe(ids[0]);
  });

  test("has a form that is safe to log, and does not show the key", () => {
    const key = fc.oneof(fc.uuid(), fc.string({ minLength: 6, maxLength: 255 }));
    fc.assert(
      fc.property(key, (value) => {
        const id = recordId({ ...SCOPE, key: value });
        expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
        expect(id).not.toContain(value);
      }),
    );
  });

  test("is another one under a secret, and under another secret", () => {
    const ids = [recordId(SCOPE), recordId(SCOPE, "secret"), recordId(SCOPE, "other secret")];
    expect(new Set(ids).size).toBe(3);
    expect(recordId(SCOPE, "secret")).toBe(ids[1]);
  });
});

describe("a key", () => {
  test("that is a UUID is the same in upper and lower case", () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(normaliseKey(uuid.toUpperCase())).toBe(uuid);
        expect(isUuid(uuid.toUpperCase())).toBe(true);
      }),
    );
  });

  test("that is not a UUID is compared as it is", () => {
    expect(normaliseKey("Order-4711")).toBe("Order-4711");
    expect(normaliseKey(`${UUID}-A`)).toBe(`${UUID}-A`);
  });

  test.each([
    ["nothing", ""],
    ["braces", `{${UUID}}`],
    ["a URN", `urn:uuid:${UUID}`],
    ["no hyphens", UUID.replaceAll("-", "")],
    ["a digit too few", UUID.slice(1)],
    ["a digit too many", `${UUID}0`],
    ["a letter that is no digit", UUID.replace("8e", "8g")],
    ["a line after it", `${UUID}\n`],
    ["a line before it", `\n${UUID}`],
  ])("is no UUID: %s", (_name, key) => {
    expect(isUuid(key)).toBe(false);
  });
});

describe("a downstream key", () => {
  const origin: Origin = { id: recordId(SCOPE), fingerprint: "fingerprint", startedAtMs: START_MS };

  test("is the same on every attempt of one request", () => {
    expect(downstreamKey({ ...origin }, "charge")).toBe(downstreamKey(origin, "charge"));
    expect(downstreamKey({ ...origin }, "charge", "s")).toBe(downstreamKey(origin, "charge", "s"));
  });

  test("differs by name, by request and by secret, and is not the record's id", () => {
    const keys = [
      origin.id,
      downstreamKey(origin, "charge"),
      downstreamKey(origin, "payout"),
      downstreamKey({ ...origin, id: recordId({ ...SCOPE, key: "order-4712" }) }, "charge"),
      downstreamKey({ ...origin, fingerprint: "another payload" }, "charge"),
      downstreamKey({ ...origin, startedAtMs: START_MS + 1 }, "charge"),
      downstreamKey(origin, "charge", "secret"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("does not give away the client's key, and is visible ASCII of at most 255 characters", () => {
    expect(downstreamKey(origin, "charge")).not.toContain(SCOPE.key);
    expect(downstreamKey(origin, "charge")).toMatch(/^[\x21-\x7e]{1,255}$/);
  });

  test("is never shared by two different names", () => {
    fc.assert(
      fc.property(part, part, (one, other) => {
        fc.pre(one !== other);
        expect(downstreamKey(origin, one)).not.toBe(downstreamKey(origin, other));
      }),
    );
  });
});

/** One text cut into three parts at two places. */
function cut(text: string, [first, second]: readonly [number, number]): Scope {
  const [from, to] = [Math.min(first, second), Math.max(first, second)];
  return { tenant: text.slice(0, from), operation: text.slice(from, to), key: text.slice(to) };
}

test("scopes that differ in half a surrogate pair do not share an id", () => {
  const scope = { tenant: "\ud800", operation: "o", key: "k" };
  expect(recordId(scope)).not.toBe(recordId({ ...scope, tenant: "\ud801" }));
});

test("ids derived from a request stay the same over the versions, because they find its record", () => {
  const origin: Origin = { id: "id-1", fingerprint: "fingerprint-1", startedAtMs: START_MS };
  expect([recordId(SCOPE), downstreamKey(origin, "bank"), stepKey(origin, "bank")]).toEqual([
    "CvkuMHzess4ZLdzEiBI-KypDcn3fnrWvZS_ssuRckX4",
    "CImNVwOVbumpO0VuHClW0pzOG0xxg6jKSJSHZ3rpGkY",
    "Jp5T9eUkk6IXfQpWeVcFgL8KOyKQoVBevz61Y5Kv18w",
  ]);
  expect(recordId(SCOPE, "pepper")).toBe("LAC8OzLYSzPf1L5j5LWpjB2ZueAx1GqMPh1exYaxAJw");
});

test("the key of a step differs with everything that makes the step another one", () => {
  const origin: Origin = { id: "id-1", fingerprint: "fingerprint-1", startedAtMs: START_MS };
  const keys = [
    stepKey(origin, "bank"),
    stepKey(origin, "ledger"),
    stepKey({ ...origin, id: "id-2" }, "bank"),
    stepKey({ ...origin, fingerprint: "fingerprint-2" }, "bank"),
    stepKey({ ...origin, startedAtMs: START_MS + 1 }, "bank"),
    stepKey(origin, "bank", "pepper"),
    downstreamKey(origin, "bank"),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
