import type { Envelope } from "./refusal.ts";
import { retryHeaders } from "./retry-headers.ts";

/**
 * RFC 9457 problem details with two further members. Without `error`, stripe-node and similar clients
 * take the body for a success. `message` is the only member that Square's clients, and clients that
 * Stainless generates, show of an error.
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
    message: refusal.message,
    error: {
      type: "idempotency_error",
      code: refusal.code,
      message: refusal.message,
      status: refusal.status,
      details: {},
    },
  }),
});
