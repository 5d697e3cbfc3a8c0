import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Transfer, TransferRequest } from "../transfers/transfer.ts";
import { credit, debit } from "./accounts.ts";
import { creditRefusal, debitRefusal, type LedgerRefusal, type Refused } from "./refusal.ts";
import { type LedgerWrite, putNew } from "./write.ts";

/* Transfers: items `transfer/<id>` {holder, from, to, amountMinor, currency, createdAt}. */

/**
 * One transfer: all of these writes, or none. The debit comes first, because the first refusal is
 * the one that is told: whoever may not use an account learns nothing about the other one.
 */
export function transferWrites(
  tableName: string,
  transfer: Transfer,
  holder: string,
): readonly LedgerWrite[] {
  const { id, from, to, amountMinor, currency, createdAt } = transfer;
  const entry = { id: transferKey(id), holder, from, to, amountMinor, currency, createdAt };
  return [
    debit(tableName, { account: from, amountMinor, currency }, holder),
    credit(tableName, { account: to, amountMinor, currency }),
    putNew(tableName, entry),
  ];
}

/**
 * Why the ledger does not make a transfer.
 *
 * @param refused which of `transferWrites` was refused.
 * @returns `undefined` for the entry, whose id nobody else can have: that is no answer for a client.
 */
export function transferRefusal(
  { index, item }: Refused,
  { from, to, amountMinor, currency }: TransferRequest,
  holder: string,
): LedgerRefusal | undefined {
  switch (index) {
    case 0:
      return debitRefusal(item, { account: from, amountMinor, currency }, holder);
    case 1:
      return creditRefusal(item, { account: to, amountMinor, currency });
    default:
      return undefined;
  }
}

/** Consistent, so that who has just transferred finds it. */
export function readTransfer(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: transferKey(id) }, ConsistentRead: true };
}

function transferKey(id: string): string {
  return `transfer/${id}`;
}
