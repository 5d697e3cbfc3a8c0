import { problemEnvelope } from "../http/problem.ts";
import { defaultOutcome } from "../protocol/outcome.ts";
import type { Profile } from "./profile.ts";

/**
 * The contract of draft-ietf-httpapi-idempotency-key-header-07, an Internet-Draft that expired in
 * April 2026. It never became a standard, but most people mean it by `Idempotency-Key`.
 *
 * The header is required on POST and PATCH; other methods pass untouched. The same request again
 * gets the first response, for 24 hours. Another request under the same key gets 422. A repeat gets
 * 409 while the first execution runs.
 *
 * @param overrides knobs with other values.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 * @example
 * idempotency({ store, tenant, profile: ietf({ inFlight: { waitMs: 2_000 } }) });
 */
export function ietf(overrides: Partial<Profile> = {}): Profile {
  return {
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
    outcome: defaultOutcome,
    retention: { seconds: 24 * 60 * 60, from: "completion" },
    envelope: problemEnvelope,
    refusals: {},
    documentationUrl: undefined,
    replayMarker: "Idempotent-Replayed",
    ...overrides,
  };
}
