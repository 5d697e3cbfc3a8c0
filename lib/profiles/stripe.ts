import type { Envelope } from "../http/refusal.ts";
import { retryHeaders } from "../http/retry-headers.ts";
import type { OutcomePolicy } from "../protocol/outcome.ts";
import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * The promise of Stripe's API: an optional `Idempotency-Key` of up to 255 characters, unique to the
 * account. The status and body of every request whose execution began are kept for 24 hours and
 * replayed, "regardless of whether it succeeds or fails", 500 included. Other parameters under the
 * same key are an `idempotency_error`.
 *
 * @param overrides knobs with other values.
 * @see https://docs.stripe.com/api/idempotent_requests
 * @example
 * idempotency({ store, tenant, profile: stripe() });
 */
export function stripe(overrides: Partial<Profile> = {}): Profile {
  return {
    ...ietf(),
    name: "stripe",
    missingKey: "pass",
    methods: ["POST"],
    scope: "tenant",
    outcome: storeOnceBegun,
    retention: { seconds: 24 * 60 * 60, from: "claim" },
    envelope: stripeEnvelope,
    refusals: {
      payload_mismatch: {
        status: 400,
        message:
          "Keys for idempotent requests can only be used with the same parameters they were first used with.",
      },
    },
    ...overrides,
  };
}

/**
 * Not stored: a refusal before the request began, and a response that asks for another attempt.
 */
const storeOnceBegun: OutcomePolicy = (ending) => {
  if (ending.kind === "returned") {
    if (ending.statusCode === 401) return "free";
    return ending.statusCode === 409 || ending.statusCode === 429 ? "release" : "complete";
  }
  return ietf().outcome(ending);
};

const stripeEnvelope: Envelope = ({ code, status, message, retryAfterSeconds }) => ({
  statusCode: status,
  headers: {
    "content-type": "application/json",
    ...(retryAfterSeconds !== undefined && { "stripe-should-retry": "true" }),
    ...retryHeaders({ retryAfterSeconds }),
  },
  body: JSON.stringify({
    error: {
      type: status >= 500 ? "api_error" : "idempotency_error",
      code: code === "request_in_flight" ? "idempotency_key_in_use" : code,
      message,
    },
  }),
});
