import { defineProfile, dfns } from "lambda-idempotency";

/** What an API of your own promises, in the words of `Profile`; checked where it is written. */
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
