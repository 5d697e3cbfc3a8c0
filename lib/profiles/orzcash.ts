import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * The promise of ORZCash Access: the key is a UUID in the header `Idempotency-Key`. The response of
 * a complete request is stored, and sent again for 24 hours. If "the action was not completed in
 * the previous request, the subsequent retry pushes the action to its completion". Write the
 * handler in steps (`context.idempotency.step`): a finished step does not run again.
 *
 * A request is complete once the handler has returned 2xx, 3xx or 4xx (but 408, 425, 429), or has
 * called its response final (`context.idempotency.final`). Any other response and any error end the
 * attempt, and the steps stay. An incomplete record does not expire: a completer finishes requests
 * that no client repeats.
 *
 * Our reading, where the document is silent: the key may also stand in the body's `idempotencyKey`,
 * and be the same in both; without a key the request is executed each time; a repeat in flight
 * waits, then gets 409; another request under the key gets 422.
 *
 * @param overrides knobs with other values; `missingKey: "refuse"` for routes that move money.
 * @example
 * idempotency({ store, tenant, profile: orzcash({ missingKey: "refuse" }) });
 */
export function orzcash(overrides: Partial<Profile> = {}): Profile {
  return ietf({
    name: "orzcash",
    keyFrom: [{ header: "Idempotency-Key" }, { pointer: "/idempotencyKey" }],
    keyFormat: "uuid",
    missingKey: "pass",
    methods: ["POST"],
    fingerprint: { method: true, path: true, query: false, body: true },
    inFlight: { waitMs: 5_000 },
    interrupted: "resume",
    abandoned: "complete",
    retention: { seconds: 24 * 60 * 60, from: "completion" },
    ...overrides,
  });
}
