import { type CancellationReason, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { PARTS } from "./ledger-requests.ts";
import type { TransferRequest } from "./transfer.ts";

/** Why the ledger does not make a transfer. */
export type TransferRefusal =
  /** There is no such account; or the one to debit is somebody else's, which must look the same. */
  | { readonly kind: "unknown_account"; readonly account: string }
  | { readonly kind: "currency_mismatch"; readonly account: string }
  | { readonly kind: "insufficient_funds"; readonly account: string }
  /** The account to credit would hold more than can be counted exactly. */
  | { readonly kind: "balance_limit"; readonly account: string }
  /** Another transfer was made under this id. */
  | { readonly kind: "id_in_use" };

/**
 * Which condition of the ledger refused a transfer.
 *
 * @returns `undefined` if none did: the error is a failure, and whether money has moved is unknown.
 */
export function judgeCancellation(
  error: unknown,
  { from, to, currency }: TransferRequest,
  holder: string,
): TransferRefusal | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const refusedBy = new Map(
    PARTS.map((part, index) => [part, error.CancellationReasons?.[index]] as const).filter(
      ([, reason]) => reason?.Code === "ConditionalCheckFailed",
    ),
  );

  // The account to debit first: whoever may not use it learns nothing about the other one.
  const debit = refusedBy.get("debit");
  if (debit) {
    if (textOf(debit, "holder") !== holder) return { kind: "unknown_account", account: from };
    return textOf(debit, "currency") === currency
      ? { kind: "insufficient_funds", account: from }
      : { kind: "currency_mismatch", account: from };
  }
  const credit = refusedBy.get("credit");
  if (credit) {
    const accountCurrency = textOf(credit, "currency");
    if (accountCurrency === undefined) return { kind: "unknown_account", account: to };
    return accountCurrency === currency
      ? { kind: "balance_limit", account: to }
      : { kind: "currency_mismatch", account: to };
  }
  return refusedBy.has("entry") ? { kind: "id_in_use" } : undefined;
}

/** An attribute of the item that stood in the way; the document client leaves errors as they are. */
function textOf(reason: CancellationReason, attribute: string): string | undefined {
  return reason.Item?.[attribute]?.S;
}
