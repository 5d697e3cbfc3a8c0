import type { ClientRefusal } from "./refusal.ts";

/**
 * The headers that tell a client when to come back; or that a retry cannot help, for clients that
 * retry every 409 and 5xx by themselves: Stripe's (`stripe-should-retry`), and the ones that Stainless
 * generates (`x-should-retry`).
 */
export function retryHeaders({
  retryAfterSeconds,
}: Pick<ClientRefusal, "retryAfterSeconds">): Record<string, string> {
  return retryAfterSeconds === undefined
    ? { "stripe-should-retry": "false", "x-should-retry": "false" }
    : { "retry-after": String(retryAfterSeconds) };
}
