import type { TransferRefusal } from "./ledger-cancellation.ts";
import type { Problem } from "./problem.ts";
import type { TransferRequest } from "./transfer.ts";

/** Tells a client why the ledger does not make a transfer. */
export function refusalProblem(refusal: TransferRefusal, request: TransferRequest): Problem {
  const { currency, amountMinor } = request;
  switch (refusal.kind) {
    case "unknown_account":
      return problem(
        refusal,
        "There is no such account.",
        `There is no account ${refusal.account} for this transfer. Check its id.`,
      );
    case "currency_mismatch":
      return problem(
        refusal,
        "The account has another currency.",
        `The account ${refusal.account} is not in ${currency}. Transfer in the currency of both accounts.`,
      );
    case "insufficient_funds":
      return problem(
        refusal,
        "The account does not hold the amount.",
        `The account ${refusal.account} holds less than ${amountMinor} minor units of ${currency}. Transfer less, or fund it first; then use a new Idempotency-Key.`,
      );
    case "balance_limit":
      return problem(
        refusal,
        "The account cannot take the amount.",
        `The account ${refusal.account} would hold more than ${Number.MAX_SAFE_INTEGER} minor units. Transfer less, with a new Idempotency-Key.`,
      );
    case "id_in_use":
      return problem(
        refusal,
        "The key has been used for another transfer.",
        "An earlier request with this Idempotency-Key made another transfer, which stands. Use a new key.",
      );
  }
}

function problem(refusal: TransferRefusal, title: string, detail: string): Problem {
  return {
    statusCode: 422,
    code: refusal.kind,
    title,
    detail,
    ...("account" in refusal && { details: { account: refusal.account } }),
  };
}
