import { describe, expect, test } from "@jest/globals";
import type { ConfigurationError } from "../../lib/errors.ts";
import { ietf, type Profile } from "../../lib/index.ts";
import { checkProfile } from "../../lib/profiles/check-profile.ts";

const withKnob = (knob: object) => ({ ...ietf(), ...knob });

function mistakeIn(profile: unknown): string {
  try {
    checkProfile(profile);
  } catch (error) {
    return (error as ConfigurationError).message;
  }
  return "none";
}

const body = (counted: unknown) => ({ fingerprint: { ...ietf().fingerprint, body: counted } });
const wording = (words: object) => ({ refusals: { payload_mismatch: words } });

describe("a knob is accepted:", () => {
  test.each<[object]>([
    [{ keyFrom: [{ header: "Idempotency-Key", strict: true }, { pointer: "/a/b" }] }],
    [{ keyFrom: [{ header: "!#$%&'*+.^_`|~-09azAZ" }] }],
    [{ keyFrom: [{ pointer: "/a~0b~1c" }] }],
    [{ keyFrom: [{ pointer: "/" }] }],
    [{ keyFrom: [{ path: "id" }, { query: "requestId" }] }],
    [{ keyFrom: [{ pointer: "/key", strict: false }] }],
    [{ keyFrom: [{ pointers: ["/date", "/number"] }, { header: "Idempotency-Key" }] }],
    [{ keyFormat: "uuid" }],
    [{ keyFormat: () => undefined }],
    [body(false)],
    [body({ include: ["/a", "/b"] })],
    [body({ exclude: ["/a"] })],
    [{ inFlight: { waitMs: 0.5 } }],
    [{ retention: { seconds: 3_600, from: "completion" } }],
    [{ retention: { seconds: 3_600, from: "claim" } }],
    [{ interrupted: "refuse", retention: "never" }],
    [{ completed: "entity", retention: "never" }],
    [{ keepsResponses: false, completed: "refuse" }],
    [{ abandoned: "unknown" }],
    [{ mismatch: "replay" }],
    [{ documentationUrl: "https://api.example/docs" }],
    [{ replayMarker: undefined }],
    [wording({})],
    [wording({ status: 400, title: "t", message: "m", retryAfterSeconds: 0 })],
    [wording({ status: 599, retryAfterSeconds: undefined })],
  ])("%j", (knob) => {
    expect(mistakeIn(withKnob(knob))).toBe("none");
  });
});

const SOURCES =
  'a list of { header: "Idempotency-Key" }, to which strict: true may be added, { pointer: "/externalId" }, { pointers: ["/date", "/number"] }, { path: "id" } and { query: "requestId" }';
const COUNTED =
  'true or false for each of method, path, query, body; for the body also { include: ["/member"] } or { exclude: ["/member"] }; and as previous a list of the same, each with the secret of its time if that was another';
const WORDS =
  "an object with any of key_missing, key_malformed, payload_mismatch, request_incomparable, request_in_flight, request_interrupted, outcome_unknown, already_completed, claim_lost, store_unavailable, key_freed, commit_collided, outcome_not_recorded, record_unreadable; each with any of status, title, message, retryAfterSeconds";

describe("a knob is refused, with the expected value:", () => {
  test.each<[keyof Profile, unknown, string]>([
    ["name", 7, "a name"],
    ["keyFrom", [{ header: "a b" }], SOURCES],
    ["keyFrom", [{ header: "a", pointer: "/a" }], SOURCES],
    ["keyFrom", [{ pointer: "a/b" }], SOURCES],
    ["keyFrom", [{ pointer: "/a~" }], SOURCES],
    ["keyFrom", [{ pointer: 7 }], SOURCES],
    ["keyFrom", [{ pointer: ["/a"] }], SOURCES],
    ["keyFrom", [{ pointers: "/a" }], SOURCES],
    ["keyFrom", [{ pointers: [] }], SOURCES],
    ["keyFrom", [{ pointers: ["/a"] }], SOURCES],
    ["keyFrom", [{ pointers: ["/a", "b"] }], SOURCES],
    ["keyFrom", [{ pointers: ["/a", "/a"] }], SOURCES],
    ["keyFrom", [{ pointers: ["/a", "/b"], strict: true }], SOURCES],
    ["keyFrom", [{ pointers: ["/a", "/b"], pointer: "/a" }], SOURCES],
    ["keyFrom", [{ pointers: ["/a", "/b"], header: "a" }], SOURCES],
    ["keyFrom", [{ pointer: "" }], SOURCES],
    ["keyFrom", [{ path: "" }], SOURCES],
    ["keyFrom", [{ query: 7 }], SOURCES],
    ["keyFrom", [{ path: "id", query: "id" }], SOURCES],
    ["keyFrom", [{ path: "id", strict: true }], SOURCES],
    ["keyFrom", [{ query: "id", strickt: false }], SOURCES],
    ["keyFrom", [{}], SOURCES],
    ["keyFrom", [null], SOURCES],
    ["keyFrom", [{ header: "a" }, { pointer: "b" }], SOURCES],
    ["keyFrom", { length: 1 }, SOURCES],
    ["keyFormat", "any", '"visible", "uuid", or a function that returns the fault of a key'],
    ["missingKey", "400", '"pass" or "refuse"'],
    ["fingerprint", null, COUNTED],
    ["fingerprint", "all", COUNTED],
    ["fingerprint", { ...ietf().fingerprint, headers: true }, COUNTED],
    ["fingerprint", { ...ietf().fingerprint, query: 1 }, COUNTED],
    ["fingerprint", body({ include: "/a" }).fingerprint, COUNTED],
    ["fingerprint", body({ include: { length: 1 } }).fingerprint, COUNTED],
    ["fingerprint", body({ include: [] }).fingerprint, COUNTED],
    ["fingerprint", body({ include: ["/a", "b"] }).fingerprint, COUNTED],
    ["fingerprint", body({ only: ["/a"] }).fingerprint, COUNTED],
    ["fingerprint", body({}).fingerprint, COUNTED],
    ["fingerprint", body(null).fingerprint, COUNTED],
    ["inFlight", null, '"refuse" or { waitMs: milliseconds above 0 }'],
    ["inFlight", "wait", '"refuse" or { waitMs: milliseconds above 0 }'],
    ["scope", "account", '"route" or "tenant", or { kind: "transfer" }'],
    ["scope", { kind: "" }, '"route" or "tenant", or { kind: "transfer" }'],
    ["scope", { kind: "undefined" }, '"route" or "tenant", or { kind: "transfer" }'],
    ["scope", { kind: "a", route: true }, '"route" or "tenant", or { kind: "transfer" }'],
    ["methods", [], 'a list of methods in upper case, for example ["POST", "PATCH"]'],
    ["methods", ["post"], 'a list of methods in upper case, for example ["POST", "PATCH"]'],
    ["methods", "POST", 'a list of methods in upper case, for example ["POST", "PATCH"]'],
    ["methods", [undefined], 'a list of methods in upper case, for example ["POST", "PATCH"]'],
    ["keepsResponses", "no", "true or false"],
    ["mismatch", "ignore", '"refuse" or "replay"'],
    ["completed", "ignore", '"replay" or "refuse" or "entity"'],
    ["interrupted", "retry", '"restart" or "resume" or "refuse"'],
    ["abandoned", "retry", '"leave" or "complete" or "unknown"'],
    [
      "outcome",
      "keep",
      'a function that returns "complete", "release", "free" or "leave" for every ending',
    ],
    [
      "retention",
      { seconds: 3_599, from: "claim" },
      '"never" or { seconds: a whole number of at least 3600, from: "claim" or "completion" }',
    ],
    ["envelope", {}, "a function"],
    ["refusals", { key_mising: {} }, WORDS],
    ["refusals", { payload_mismatch: { status: 399 } }, WORDS],
    ["refusals", { payload_mismatch: { status: 600 } }, WORDS],
    ["refusals", { payload_mismatch: { status: 400.5 } }, WORDS],
    ["refusals", { payload_mismatch: { title: 7 } }, WORDS],
    ["refusals", { payload_mismatch: { title: null } }, WORDS],
    ["refusals", { payload_mismatch: { message: 7 } }, WORDS],
    ["refusals", { payload_mismatch: { retryAfterSeconds: -1 } }, WORDS],
    ["refusals", { payload_mismatch: { retryAfterSeconds: 0.5 } }, WORDS],
    ["refusals", { payload_mismatch: { words: "x" } }, WORDS],
    ["refusals", { payload_mismatch: {}, claim_lost: { status: 200 } }, WORDS],
    ["documentationUrl", "docs", "a URL"],
    ["replayMarker", "a b", "the name of a header"],
    ["replayMarker", 7, "the name of a header"],
    ["replayMarker", " x", "the name of a header"],
    ["replayMarker", "x ", "the name of a header"],
  ])("%s: %j", (name, value, expected) => {
    const message = mistakeIn(withKnob({ [name]: value }));
    expect(message.startsWith(`profile: ${name} is `)).toBe(true);
    expect(message.endsWith(`; expected ${expected}.`)).toBe(true);
  });
});

describe("knobs that cannot work together are refused, with the reason:", () => {
  const CANNOT_REPLAY =
    'profile: keepsResponses is false, but completed is not "refuse" or mismatch is "replay"; without the stored response nothing can be replayed.';

  test.each<[object, string]>([
    [{ keepsResponses: false }, CANNOT_REPLAY],
    [{ keepsResponses: false, completed: "refuse", mismatch: "replay" }, CANNOT_REPLAY],
    [
      { completed: "entity" },
      'profile: completed is "entity", so the key is bound to its entity; expected retention "never".',
    ],
    [
      { interrupted: "refuse" },
      'profile: interrupted is "refuse", but the interrupted claim would expire after 86400 seconds, and a retry would execute then; expected retention "never".',
    ],
  ])("%j", (knobs, message) => {
    expect(mistakeIn(withKnob(knobs))).toBe(message);
  });
});
