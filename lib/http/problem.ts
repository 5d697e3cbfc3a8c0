import type { ClientRefusal, Envelope } from "./refusal.ts";

/**
 * RFC 9457 problem details, with an `error` member beside the standard ones: stripe-node and
 * clients like it take an error body without `error` for a success.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const problemEnvelope: Envelope = (refusal) => ({
  statusCode: refusal.status,
  headers: {
    "content-type": "application/problem+json",
    ...retryHeaders(refusal),
    ...(refusal.documentationUrl && {
      link: `<${refusal.documentationUrl}>; rel="describedby"`,
    }),
  },
  body: JSON.stringify({
    type: refusal.documentationUrl ?? "about:blank",
    title: refusal.title,
    status: refusal.status,
    detail: refusal.message,
    error: {
      type: "idempotency_error",
      code: refusal.code,
      message: refusal.message,
      status: refusal.status,
      details: {},
    },
  }),
});

/** When to come back; or, for clients that retry by themselves, that it cannot help. */
function retryHeaders(refusal: ClientRefusal): Record<string, string> {
  return refusal.retryAfterSeconds === undefined
    ? { "stripe-should-retry": "false", "x-should-retry": "false" }
    : { "retry-after": String(refusal.retryAfterSeconds) };
}
