import type { Posting } from "./accounts.ts";

/** Why the ledger does not move money. */
export type LedgerRefusal =
  /** There is no such account; or the one to debit is somebody else's, which must look the same. */
  | { readonly kind: "unknown_account"; readonly account: string }
  | { readonly kind: "currency_mismatch"; readonly account: string }
  | { readonly kind: "insufficient_funds"; readonly account: string }
  /** The account to credit would hold more than can be counted exactly. */
  | { readonly kind: "balance_limit"; readonly account: string };

/** A write whose condition failed, as `CommitRefused` tells it. */
export interface Refused {
  /** Which of the writes. */
  readonly index: number;
  /** The item that stood in the way, if there is one. */
  readonly item?: Readonly<Record<string, unknown>> | undefined;
}

/** Why a debit was refused, by the account that stood in the way. */
export function debitRefusal(
  found: Refused["item"],
  { account, currency }: Posting,
  holder: string,
): LedgerRefusal {
  if (found?.holder !== holder) return { kind: "unknown_account", account };
  return found.currency === currency
    ? { kind: "insufficient_funds", account }
    : { kind: "currency_mismatch", account };
}

/** Why a credit was refused, by the account that stood in the way. */
export function creditRefusal(
  found: Refused["item"],
  { account, currency }: Posting,
): LedgerRefusal {
  if (found === undefined) return { kind: "unknown_account", account };
  return found.currency === currency
    ? { kind: "balance_limit", account }
    : { kind: "currency_mismatch", account };
}
