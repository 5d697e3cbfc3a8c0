import type { HttpResponse } from "../../lib/index.ts";
import { ProblemError, problemResponse } from "../http/problem.ts";
import type { Payout, PayoutOrder } from "./payout.ts";

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

/** The answer for a payout of which the bank and the ledger say different things. */
export function payoutStranded({ id }: PayoutOrder): HttpResponse {
  return problemResponse({
    statusCode: 500,
    code: "payout_stranded",
    title: "The ledger cannot settle the payout.",
    detail: `The bank has answered for the payout ${id}, and the ledger cannot record it. Another attempt cannot change that; it needs the operator of the service.`,
    details: { payout: id },
  });
}

/**
 * Turns a failure of the bank into an answer that lets the same request try again. Thrown, and not
 * returned: the step is not done, and the next attempt asks the bank again.
 */
export function bankUnavailable(cause: unknown): never {
  throw new ProblemError(
    {
      statusCode: 503,
      code: "bank_unavailable",
      title: "The bank cannot answer at the moment.",
      detail:
        "The bank did not say in time what became of the payout. Send the same request again, with the same Idempotency-Key.",
      headers: { "retry-after": "1" },
    },
    cause,
  );
}
