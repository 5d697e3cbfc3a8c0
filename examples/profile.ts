import { defineProfile, dfns } from "lambda-idempotency";

/** The contract of your own API, in the terms of `Profile`. `defineProfile` checks it at once. */
export const acme = defineProfile({
  name: "acme",
  keyFrom: [{ header: "X-Request-Id" }, { pointer: "/requestId" }],
  keyFormat: "uuid",
  fingerprint: { method: true, path: true, query: true, body: { exclude: ["/sentAt"] } },
  inFlight: { waitMs: 2_000 },
  retention: { seconds: 30 * 24 * 60 * 60, from: "completion" },
  refusals: { payload_mismatch: { status: 409, message: "This request id is taken." } },
  envelope: dfns().envelope,
});
