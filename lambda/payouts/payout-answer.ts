import type { HttpResponse } from "../../lib/index.ts";
import { ProblemError, problemResponse } from "../http/problem.ts";
import type { Payout, PayoutOrder } from "./payout.ts";

/** The response for a payout that the bank has made. */
export function payoutCreated({ holder: _, ...payout }: Payout): HttpResponse {
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `/payouts/${payout.id}` },
    body: JSON.stringify(payout),
  };
}

/** The response for a payout that the bank will not make. */
export function payoutRefused(reason: string): HttpResponse {
  return problemResponse({
    statusCode: 422,
    code: "payout_refused",
    title: "The bank refuses the payout.",
    detail: `The bank refuses the payout: ${JSON.stringify(reason)}. The amount is back in the account. Correct the request and send it with a new Idempotency-Key.`,
  });
}

/** The response for a payout on which the bank and the ledger disagree. */
export function payoutStranded({ id }: PayoutOrder): HttpResponse {
  return problemResponse({
    statusCode: 500,
    code: "payout_stranded",
    title: "The ledger cannot settle the payout.",
    detail: `The bank has answered for the payout ${id}, but the ledger cannot record the answer. A retry cannot help. Ask the operator of the service to settle the payout.`,
    details: { payout: id },
  });
}

/**
 * Turns a failure of the bank into a response that lets the client retry. Thrown and not returned:
 * the step stays open, and the next attempt asks the bank again.
 */
export function bankUnavailable(cause: unknown): never {
  throw new ProblemError(
    {
      statusCode: 503,
      code: "bank_unavailable",
      title: "The bank is unavailable.",
      detail:
        "The bank did not confirm or refuse the payout in time. Send the same request again, with the same Idempotency-Key.",
      headers: { "retry-after": "1" },
    },
    cause,
  );
}
