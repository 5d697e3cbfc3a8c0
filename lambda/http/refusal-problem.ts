import type { LedgerRefusal } from "../ledger/refusal.ts";
import type { Problem } from "./problem.ts";

/** The problem that explains to a client why the ledger does not move money. */
export function refusalProblem(
  refusal: LedgerRefusal,
  { amountMinor, currency }: { readonly amountMinor: number; readonly currency: string },
): Problem {
  const { account } = refusal;
  switch (refusal.kind) {
    case "unknown_account":
      return problem(
        refusal,
        "There is no such account.",
        `There is no account ${account} for this request. Check its id.`,
      );
    case "currency_mismatch":
      return problem(
        refusal,
        "The account has another currency.",
        `The account ${account} is not in ${currency}. Send an amount in the account's currency.`,
      );
    case "insufficient_funds":
      return problem(
        refusal,
        "The account does not hold the amount.",
        `The account ${account} holds less than ${amountMinor} minor units of ${currency}. Send less, or fund it first; then use a new Idempotency-Key.`,
      );
    case "balance_limit":
      return problem(
        refusal,
        "The account cannot take the amount.",
        `The account ${account} would hold more than ${Number.MAX_SAFE_INTEGER} minor units. Send less, with a new Idempotency-Key.`,
      );
  }
}

function problem({ kind, account }: LedgerRefusal, title: string, detail: string): Problem {
  return { statusCode: 422, code: kind, title, detail, details: { account } };
}
