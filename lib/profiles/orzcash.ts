import { ietf } from "./ietf.ts";
import type { Profile } from "./profile.ts";

/**
 * What ORZCash Access promises: the key is a UUID in the header `Idempotency-Key`; the response of
 * a request that is complete is stored and sent again for 24 hours; and where "the action was not
 * completed in the previous request, the subsequent retry pushes the action to its completion". Write the handler in steps
 * (`context.idempotency.step`): what was done is not done again.
 *
 * Complete is what the handler answered with 2xx, 3xx or 4xx (but 408, 425, 429), or called final
 * (`context.idempotency.final`). Any other answer and any error end the attempt, and the steps stay.
 * Nothing incomplete expires: a completer finishes what no client comes back for.
 *
 * Our reading, where the document is silent: the key may also stand in the body's `idempotencyKey`,
 * and be the same in both; without one the request is executed each time; a repeat in flight waits,
 * then gets 409; another request under the key gets 422.
 *
 * @param overrides knobs to turn otherwise; `missingKey: "refuse"` for routes that move money.
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
