import type { Envelope } from "../http/refusal.ts";
import { retryHeaders } from "../http/retry-headers.ts";
import { clientErrorStatus, type OutcomePolicy } from "../protocol/outcome.ts";
import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * The promise of Gluwa's API for `POST /v1/transactions`: the key is the body's optional member
 * `Idem`, a UUID. Once a request has begun, any other with the same `Idem` is denied with 409,
 * "regardless of whether the first transaction succeeded or failed". A repeat never gets the
 * original response, never waits and never executes; the client reads the outcome with GET.
 *
 * Our reading, where the document is silent: keys belong to a customer, for ever. "Begun" is the
 * claim, so validation of the request comes before it or throws a 4xx. A function that died leaves
 * its claim as it is, and no retry takes it over. A completer marks its outcome as UNKNOWN, or,
 * with `abandoned: "complete"`, runs the handler once more. Choose that if the handler commits, or
 * calls other services under downstream keys only.
 *
 * @param overrides knobs with other values.
 * @see https://docs.gluwa.com/development/idempotent-requests
 * @example
 * idempotency({ store, tenant, profile: gluwa() });
 */
export function gluwa(overrides: Partial<Profile> = {}): Profile {
  return {
    ...ietf(),
    name: "gluwa",
    keyFrom: [{ pointer: "/Idem" }],
    keyFormat: "uuid",
    missingKey: "pass",
    methods: ["POST"],
    scope: "tenant",
    inFlight: "refuse",
    mismatch: "refuse",
    completed: "refuse",
    interrupted: "refuse",
    abandoned: "unknown",
    outcome: bindOnceBegun,
    retention: "never",
    keepsResponses: false,
    envelope: gluwaEnvelope,
    refusals: Object.fromEntries(DENIED.map((code) => [code, EXISTS])),
    replayMarker: undefined,
    ...overrides,
  };
}

/** Every way in which the same `Idem` can come again; all of them get one response. */
const DENIED = [
  "payload_mismatch",
  "request_in_flight",
  "request_interrupted",
  "outcome_unknown",
  "already_completed",
  "claim_lost",
] as const;

const EXISTS = { status: 409, message: "Transfer already exists.", retryAfterSeconds: undefined };

/**
 * A request that has begun binds its key, in whichever way it ends. Only a refusal before that
 * frees it.
 */
const bindOnceBegun: OutcomePolicy = (ending) => {
  if (ending.kind === "returned") return "complete";
  if (ending.kind === "rejected") return "free";
  return clientErrorStatus(ending.error) !== undefined ? "free" : "leave";
};

const gluwaEnvelope: Envelope = ({ code, status, message, retryAfterSeconds }) => {
  const Code = CODES[status] ?? "InternalServerError";
  const isKey = code === "key_malformed";
  const InnerErrors = [{ Code: "InvalidValue", Path: "Idem", Message: message }];
  return {
    statusCode: status,
    headers: { "content-type": "application/json", ...retryHeaders({ retryAfterSeconds }) },
    body: JSON.stringify({ Code, Message: message, ...(isKey && { InnerErrors }) }),
  };
};

const CODES: Readonly<Record<number, string>> = {
  400: "ValidationError",
  409: "Conflict",
  503: "ServiceUnavailable",
};
