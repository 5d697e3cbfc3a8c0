import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * The promise of Dwolla's API: the header is optional, clients send it bare, and a repeat gets the
 * original response (201 with its `Location`) for 24 hours.
 *
 * Dwolla is silent about another payload under the same key. We refuse it with 422: a replay would
 * tell the client of a transfer that was never made. `mismatch: "replay"` is the other reading.
 *
 * @param overrides knobs with other values.
 * @see https://developers.dwolla.com/docs/api-reference/api-fundamentals/idempotency-key
 * @example
 * idempotency({ store, tenant, profile: dwolla() });
 */
export function dwolla(overrides: Partial<Profile> = {}): Profile {
  return ietf({
    name: "dwolla",
    missingKey: "pass",
    methods: ["POST"],
    fingerprint: { method: true, path: true, query: false, body: true },
    retention: { seconds: 24 * 60 * 60, from: "claim" },
    ...overrides,
  });
}
