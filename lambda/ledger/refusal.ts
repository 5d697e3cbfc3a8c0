import type { Posting } from "./accounts.ts";

/** The reason why the ledger does not move money. */
export type LedgerRefusal =
  /** The account does not exist, or another holder owns the account to debit. Both must look the same. */
  | { readonly kind: "unknown_account"; readonly account: string }
  | { readonly kind: "currency_mismatch"; readonly account: string }
  | { readonly kind: "insufficient_funds"; readonly account: string }
  /** The account to credit would hold more than can be counted exactly. */
  | { readonly kind: "balance_limit"; readonly account: string };

/** A write with a failed condition, as `CommitRefused` reports it. */
export interface RefusedWrite {
  /** Its index in the list of writes. */
  readonly index: number;
  /** The item that the condition was checked against, if there is one. */
  readonly item?: Readonly<Record<string, unknown>> | undefined;
}

/** The reason for a refused debit, from the item that the condition was checked against. */
export function debitRefusal(
  found: RefusedWrite["item"],
  { account, currency }: Posting,
  holder: string,
): LedgerRefusal {
  if (found?.holder !== holder) return { kind: "unknown_account", account };
  return found.currency === currency
    ? { kind: "insufficient_funds", account }
    : { kind: "currency_mismatch", account };
}

/** The reason for a refused credit, from the item that the condition was checked against. */
export function creditRefusal(
  found: RefusedWrite["item"],
  { account, currency }: Posting,
): LedgerRefusal {
  if (found === undefined) return { kind: "unknown_account", account };
  return found.currency === currency
    ? { kind: "balance_limit", account }
    : { kind: "currency_mismatch", account };
}
