import { describe, expect, test } from "@jest/globals";
import type { RefusalCode } from "../../lib/errors.ts";
import { wordRefusal } from "../../lib/http/refusal.ts";
import { dfns, dwolla, gluwa, ietf, orzcash, type Profile, stripe } from "../../lib/index.ts";

const A_DAY = 24 * 60 * 60;

/** The knobs that are data; functions are tested by their decisions. */
const DATA = {
  name: "ietf",
  keyFrom: [{ header: "Idempotency-Key" }],
  keyFormat: "visible",
  missingKey: "refuse",
  methods: ["POST", "PATCH"],
  scope: "route",
  fingerprint: { method: true, path: true, query: true, body: true },
  inFlight: "refuse",
  mismatch: "refuse",
  completed: "replay",
  interrupted: "restart",
  abandoned: "leave",
  keepsResponses: true,
  retention: { seconds: A_DAY, from: "completion" },
  documentationUrl: undefined,
  replayMarker: "Idempotent-Replayed",
} as const;

test.each<[Profile, object]>([
  [ietf(), {}],
  [
    dwolla(),
    {
      missingKey: "pass",
      methods: ["POST"],
      fingerprint: { ...DATA.fingerprint, query: false },
      retention: { seconds: A_DAY, from: "claim" },
    },
  ],
  [
    stripe(),
    {
      missingKey: "pass",
      methods: ["POST"],
      scope: "tenant",
      retention: { seconds: A_DAY, from: "claim" },
    },
  ],
  [
    orzcash(),
    {
      keyFrom: [{ header: "Idempotency-Key" }, { pointer: "/idempotencyKey" }],
      keyFormat: "uuid",
      missingKey: "pass",
      methods: ["POST"],
      fingerprint: { ...DATA.fingerprint, query: false },
      inFlight: { waitMs: 5_000 },
      interrupted: "resume",
      abandoned: "complete",
    },
  ],
  [
    gluwa(),
    {
      keyFrom: [{ pointer: "/Idem" }],
      keyFormat: "uuid",
      missingKey: "pass",
      methods: ["POST"],
      scope: "tenant",
      completed: "refuse",
      interrupted: "refuse",
      abandoned: "unknown",
      retention: "never",
      keepsResponses: false,
      replayMarker: undefined,
    },
  ],
  [
    dfns(),
    {
      keyFrom: [{ pointer: "/externalId" }],
      keyFormat: expect.any(Function),
      missingKey: "pass",
      methods: ["POST"],
      scope: { kind: "transfer" },
      inFlight: { waitMs: 5_000 },
      completed: "entity",
      retention: "never",
      replayMarker: undefined,
    },
  ],
])("$name makes the promises of its API", ({ name, ...profile }, differences) => {
  expect({ name, ...profile }).toEqual({
    ...DATA,
    ...differences,
    name,
    outcome: expect.any(Function),
    envelope: expect.any(Function),
    refusals: expect.any(Object),
  });
});

test("each profile is called by its name, in logs and metrics", () => {
  const names = [ietf, dwolla, stripe, orzcash, gluwa, dfns].map((profile) => profile().name);
  expect(names).toEqual(["ietf", "dwolla", "stripe", "orzcash", "gluwa", "dfns"]);
});

test("a knob that is turned is turned, in every profile", () => {
  for (const profile of [ietf, dwolla, stripe, orzcash, gluwa]) {
    expect(profile({ keepsResponses: true, scope: "tenant", name: "acme" })).toMatchObject({
      name: "acme",
      keepsResponses: true,
      scope: "tenant",
    });
  }
  expect(dfns("transfer", { name: "acme" }).name).toBe("acme");
});

/** A client's response, with the body as a value. */
function refused(profile: Profile, code: RefusalCode, entityId?: string) {
  const refusal = { code, ...(entityId !== undefined && { entityId }) };
  const words = wordRefusal(refusal, profile, "key-1");
  const { body, ...answer } = profile.envelope(words);
  return { ...answer, body: JSON.parse(body) };
}

const JSON_TYPE = { "content-type": "application/json" };

/** For clients that retry every 409 and 5xx by themselves. */
const FINAL = { "stripe-should-retry": "false", "x-should-retry": "false" };

describe("Stripe's form of a refusal", () => {
  test("of other parameters is an idempotency_error that no retry can mend", () => {
    expect(refused(stripe(), "payload_mismatch")).toEqual({
      statusCode: 400,
      headers: { ...JSON_TYPE, ...FINAL },
      body: {
        error: {
          type: "idempotency_error",
          code: "payload_mismatch",
          message: expect.stringMatching(/^Keys for idempotent requests can only be used with/),
        },
      },
    });
  });

  test("of a request in flight has Stripe's own code, and asks to come back", () => {
    expect(refused(stripe(), "request_in_flight")).toEqual({
      statusCode: 409,
      headers: { ...JSON_TYPE, "stripe-should-retry": "true", "retry-after": "1" },
      body: {
        error: {
          type: "idempotency_error",
          code: "idempotency_key_in_use",
          message: expect.any(String),
        },
      },
    });
  });

  test("of a failure of ours is an api_error, from 500 on", () => {
    const errorType = (code: RefusalCode) => refused(stripe(), code).body.error.type;
    expect(errorType("record_unreadable")).toBe("api_error");
    expect(errorType("store_unavailable")).toBe("api_error");
    expect(errorType("already_completed")).toBe("idempotency_error");
  });
});

describe("Gluwa's form of a refusal", () => {
  const exists = {
    statusCode: 409,
    headers: { ...JSON_TYPE, ...FINAL },
    body: { Code: "Conflict", Message: "Transfer already exists." },
  };

  test.each<RefusalCode>([
    "payload_mismatch",
    "request_in_flight",
    "request_interrupted",
    "outcome_unknown",
    "already_completed",
    "claim_lost",
  ])("is the same however the first request ended: %s", (code) => {
    expect(refused(gluwa(), code)).toEqual(exists);
  });

  test.each<[RefusalCode, number, string, object]>([
    ["key_malformed", 400, "ValidationError", FINAL],
    ["store_unavailable", 503, "ServiceUnavailable", { "retry-after": "1" }],
    ["record_unreadable", 500, "InternalServerError", FINAL],
  ])("of %s is %i %s", (code, status, Code, headers) => {
    const { statusCode, headers: sent, body } = refused(gluwa(), code);
    expect({ statusCode, headers: sent }).toEqual({
      statusCode: status,
      headers: { ...JSON_TYPE, ...headers },
    });
    expect(body.Code).toBe(Code);
    expect("InnerErrors" in body).toBe(code === "key_malformed");
  });
});

describe("Dfns' form of a refusal", () => {
  test.each<[RefusalCode, object]>([
    ["payload_mismatch", FINAL],
    ["outcome_unknown", FINAL],
    ["request_in_flight", { "retry-after": "1" }],
    ["claim_lost", { "retry-after": "1" }],
  ])("of %s is a conflict that names the entity", (code, headers) => {
    expect(refused(dfns("signature"), code, "sg-1")).toEqual({
      statusCode: 409,
      headers: { ...JSON_TYPE, ...headers },
      body: {
        error: {
          id: code,
          status: 409,
          message: "Conflicting signature with same externalId",
          details: { duplicate: { id: "sg-1", externalId: "key-1" } },
        },
      },
    });
  });

  test("has no details where nothing is there, and calls a transfer a transfer", () => {
    const { error } = refused(dfns(), "payload_mismatch").body;
    expect(error).not.toHaveProperty("details");
    expect(error.message).toBe("Conflicting transfer with same externalId");
  });

  test("names the fault of an externalId", () => {
    const findFault = dfns().keyFormat as (externalId: string) => string | undefined;
    expect(findFault("x".repeat(257))).toBe("externalId has 257 characters; the most is 256");
    expect(findFault("x".repeat(256))).toBeUndefined();
    expect(findFault("a\u0000b")).toBe("externalId has characters that cannot be printed");
    expect(findFault("\u0000ab")).toBe("externalId has characters that cannot be printed");
    expect(findFault("ab\u0000")).toBe("externalId has characters that cannot be printed");
  });
});

describe("which endings are kept", () => {
  const refusal = Object.assign(new Error("no amount"), { statusCode: 400 });

  test.each<[string, object, string]>([
    ["a response", { kind: "returned", statusCode: 500 }, "complete"],
    ["a rejection", { kind: "rejected" }, "free"],
    ["a refusal before anything began", { kind: "threw", error: refusal }, "free"],
    ["a refusal later, which is stored", { kind: "threw", error: refusal, hasBegun: true }, "free"],
    ["an error", { kind: "threw", error: new Error("down") }, "leave"],
  ])("by gluwa(): %s", (_name, ending, settlement) => {
    expect(gluwa().outcome(ending as never)).toBe(settlement);
  });

  test.each<[string, object, string]>([
    ["a success", { kind: "returned", statusCode: 200 }, "complete"],
    ["a failure", { kind: "returned", statusCode: 500 }, "complete"],
    ["401", { kind: "returned", statusCode: 401 }, "free"],
    ["409", { kind: "returned", statusCode: 409 }, "release"],
    ["429", { kind: "returned", statusCode: 429 }, "release"],
    ["a rejection", { kind: "rejected" }, "free"],
    ["a refusal", { kind: "threw", error: refusal }, "free"],
    ["an error", { kind: "threw", error: new Error("down") }, "release"],
  ])("by stripe(): %s", (_name, ending, settlement) => {
    expect(stripe().outcome(ending as never)).toBe(settlement);
  });
});
