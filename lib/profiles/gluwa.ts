import type { Envelope } from "../http/refusal.ts";
import { retryHeaders } from "../http/retry-headers.ts";
import { clientErrorStatus, type OutcomePolicy } from "../protocol/outcome.ts";
import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * What Gluwa's API promises for `POST /v1/transactions`: the key is the body's optional member
 * `Idem`, a UUID; and once a request has begun, any other with the same `Idem` is denied with 409,
 * "regardless of whether the first transaction succeeded or failed". A repeat never gets the
 * original response, never waits and never executes; the client reads the outcome with GET.
 *
 * Our reading, where the document is silent: keys belong to a customer, for ever; "begun" is the
 * claim, so what validates a request comes before it or throws a 4xx; a function that died leaves
 * its claim as it is, and no retry takes it over; a completer marks its outcome as UNKNOWN, or, with
 * `abandoned: "complete"`, runs the handler once more. Say that where the handler commits, or asks
 * others under downstream keys only.
 *
 * @param overrides knobs to turn otherwise.
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
    outcome: onceBegunForEver,
    retention: "never",
    keepsAnswers: false,
    envelope: gluwaEnvelope,
    refusals: Object.fromEntries(DENIED.map((code) => [code, EXISTS])),
    replayMarker: undefined,
    ...overrides,
  };
}

/** Every way in which the same `Idem` can come again, to which there is one answer. */
const DENIED = [
  "payload_mismatch",
  "request_in_flight",
  "request_interrupted",
  "outcome_unknown",
  "already_completed",
  "claim_lost",
] as const;

const EXISTS = { status: 409, message: "Transfer already exists.", retryAfterSeconds: undefined };

/** Whatever came of it has come of it; only what was refused before it began frees the key. */
const onceBegunForEver: OutcomePolicy = (ending) => {
  if (ending.kind === "returned") return "complete";
  if (ending.kind === "rejected") return "free";
  return clientErrorStatus(ending.error) !== undefined && !ending.hasBegun ? "free" : "leave";
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
