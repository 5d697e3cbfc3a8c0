import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { judgeCancellation, type TransferRefusal } from "./ledger-cancellation.ts";
import { readAccount, readTransfer, transferTransaction } from "./ledger-requests.ts";
import { type RetryLimits, retryConflicts } from "./ledger-retry.ts";
import { isTransferOf, type Transfer, type TransferRequest } from "./transfer.ts";

/** An account, as its holder sees it. */
export interface Account {
  readonly id: string;
  readonly currency: string;
  readonly balanceMinor: number;
}

/** What became of an order to transfer. */
export type TransferOutcome =
  | { readonly kind: "transferred"; readonly transfer: Transfer }
  | { readonly kind: "refused"; readonly refusal: TransferRefusal };

/** Accounts and transfers of all holders; each call sees those of one holder only. */
export interface Ledger {
  /**
   * Moves money, once for each `id`: a repeat finds the transfer that was made and returns it.
   *
   * @throws LedgerBusyError when other transfers kept it from the accounts until `deadlineMs`. Any
   *   error leaves open whether money has moved; the same call again, with the same `id`, tells.
   */
  transfer(
    order: { readonly id: string; readonly holder: string; readonly request: TransferRequest },
    limits: RetryLimits,
  ): Promise<TransferOutcome>;
  /** The transfer with this id, if the holder's money was moved by it. */
  findTransfer(id: string, holder: string): Promise<Transfer | undefined>;
  /** The account with this id, if it is the holder's. */
  findAccount(id: string, holder: string): Promise<Account | undefined>;
}

/** A ledger in a DynamoDB table with the partition key `id` (string). */
export function dynamoDbLedger({
  client,
  tableName,
}: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}): Ledger {
  const documents = DynamoDBDocumentClient.from(client);

  async function findTransfer(id: string, holder: string): Promise<Transfer | undefined> {
    const { Item: item } = await documents.send(new GetCommand(readTransfer(tableName, id)));
    if (item?.holder !== holder) return undefined;
    const { from, to, amountMinor, currency, createdAt } = item as Transfer;
    return { id, from, to, amountMinor, currency, createdAt };
  }

  return {
    findTransfer,

    async transfer({ id, holder, request }, limits) {
      const transfer: Transfer = { id, ...request, createdAt: new Date().toISOString() };
      // One token for all sends of this order: a send whose answer was lost is not carried out again.
      const token = randomUUID();
      const transaction = new TransactWriteCommand(
        transferTransaction(tableName, transfer, holder, token),
      );
      try {
        await retryConflicts(
          () => documents.send(transaction, { abortSignal: limits.signal }),
          limits,
        );
        return { kind: "transferred", transfer };
      } catch (error) {
        const refusal = judgeCancellation(error, request, holder);
        if (refusal === undefined) throw error;
        // An execution that died after its transaction may be the very reason why the money is not
        // there any more, and DynamoDB need not report every condition that failed. So the entry is
        // asked for before anything is refused.
        const earlier = await findTransfer(id, holder);
        if (earlier === undefined) return { kind: "refused", refusal };
        return isTransferOf(request, earlier)
          ? { kind: "transferred", transfer: earlier }
          : { kind: "refused", refusal: { kind: "id_in_use" } };
      }
    },

    async findAccount(id, holder) {
      const { Item: item } = await documents.send(new GetCommand(readAccount(tableName, id)));
      if (item?.holder !== holder) return undefined;
      const { currency, balanceMinor } = item as Account;
      return { id, currency, balanceMinor };
    },
  };
}
