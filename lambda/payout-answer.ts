import type { HttpResponse } from "../lib/index.ts";
import type { Payout } from "./payout.ts";
import { ProblemError, problemResponse } from "./problem.ts";

/** The answer for a payout that the bank has made. */
export function payoutCreated({ holder: _, ...payout }: Payout): HttpResponse {
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `/payouts/${payout.id}` },
    body: JSON.stringify(payout),
  };
}

/** The answer for a payout that the bank will not make. */
export function payoutRefused(reason: string): HttpResponse {
  return problemResponse({
    statusCode: 422,
    code: "payout_refused",
    title: "The bank refuses the payout.",
    detail: `The bank refuses the payout: ${JSON.stringify(reason)}. The amount is back in the account. Correct the request and send it with a new Idempotency-Key.`,
  });
}

/**
 * Turns a failure of the ledger or of the bank into an answer that lets the same request try again.
 * Thrown, and not returned, so that nothing is stored; and as 503, because a 4xx would free the key,
 * and the next attempt could find neither its reservation nor its payment.
 */
export function unavailable(who: "ledger" | "bank"): (cause: unknown) => never {
  return (cause) => {
    throw new ProblemError(
      {
        statusCode: 503,
        code: `${who}_unavailable`,
        title: `The ${who} cannot answer at the moment.`,
        detail: `The ${who} did not say in time what became of the payout. Send the same request again, with the same Idempotency-Key.`,
        headers: { "retry-after": "1" },
      },
      cause,
    );
  };
}
