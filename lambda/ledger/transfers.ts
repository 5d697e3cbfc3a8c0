import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Transfer, TransferRequest } from "../transfers/transfer.ts";
import { credit, debit } from "./accounts.ts";
import { creditRefusal, debitRefusal, type LedgerRefusal, type RefusedWrite } from "./refusal.ts";
import { type LedgerWrite, putNew } from "./write.ts";

/*
 * Transfers: items `transfer/<id>` {holder, from, to, amountMinor, currency, createdAt}.
 * pending-transfers.ts gives them a status.
 */

/**
 * The writes of one transfer: all of them, or none. The debit comes first, because the client is
 * told the first refusal: a client without access to the debited account learns nothing about the
 * credited account.
 */
export function transferWrites(
  tableName: string,
  transfer: Transfer,
  holder: string,
): readonly LedgerWrite[] {
  return [
    ...transferPostings(tableName, transfer, holder),
    putNew(tableName, transferEntry(transfer, holder)),
  ];
}

/** The movement of the money, without the entry. */
export function transferPostings(
  tableName: string,
  { from, to, amountMinor, currency }: Transfer,
  holder: string,
): readonly LedgerWrite[] {
  return [
    debit(tableName, { account: from, amountMinor, currency }, holder),
    credit(tableName, { account: to, amountMinor, currency }),
  ];
}

/** The item of a transfer. */
export function transferEntry(transfer: Transfer, holder: string) {
  const { id, from, to, amountMinor, currency, createdAt } = transfer;
  return { id: transferKey(id), holder, from, to, amountMinor, currency, createdAt };
}

/**
 * The reason why the ledger does not make a transfer.
 *
 * @param refused the refused write of `transferWrites`.
 * @returns `undefined` for the entry: no other transfer can have its id, so its refusal is a failure
 *   of the service and not a response for the client.
 */
export function transferRefusal(
  { index, item }: RefusedWrite,
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

/** A consistent read: a client that has just made the transfer finds it. */
export function readTransfer(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: transferKey(id) }, ConsistentRead: true };
}

/** The key of a transfer's item. */
export function transferKey(id: string): string {
  return `transfer/${id}`;
}
