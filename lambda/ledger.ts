import { randomUUID } from "node:crypto";
import { type DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { readAccount } from "./ledger-accounts.ts";
import { readPayout, readReservation, reserveRefusal, reserveWrites } from "./ledger-payouts.ts";
import type { LedgerRefusal } from "./ledger-refusal.ts";
import { type RetryLimits, retryConflicts } from "./ledger-retry.ts";
import { readTransfer } from "./ledger-transfers.ts";
import type { PayoutOrder, SettledPayout } from "./payout.ts";
import type { Transfer } from "./transfer.ts";

/** An account, as its holder sees it. */
export interface Account {
  readonly id: string;
  readonly currency: string;
  readonly balanceMinor: number;
}

/** What became of an order to reserve. */
export type ReserveOutcome =
  | { readonly kind: "reserved" }
  | { readonly kind: "refused"; readonly refusal: LedgerRefusal };

/**
 * Accounts, transfers and payouts of all holders; each call sees those of one holder only. What the
 * idempotency record commits with is not here: `transferWrites`, `paidWrites`, `refusedWrites`.
 */
export interface Ledger {
  /**
   * Puts the amount of a payout aside, once for each `id`: a repeat finds the reservation.
   *
   * @throws LedgerBusyError when other transactions kept it from the account until `deadlineMs`.
   *   Any error leaves open whether the amount is reserved; the same call again tells.
   */
  reserve(payout: PayoutOrder, limits: RetryLimits): Promise<ReserveOutcome>;
  /** The transfer with this id, if the holder's money was moved by it. */
  findTransfer(id: string, holder: string): Promise<Transfer | undefined>;
  /** The payout with this id, if the holder's money went into it and the bank has answered. */
  findPayout(id: string, holder: string): Promise<SettledPayout | undefined>;
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

  return {
    async reserve(payout, limits) {
      const transaction = new TransactWriteCommand({
        TransactItems: [...reserveWrites(tableName, payout)],
        // One token for all sends: a send whose answer was lost is not carried out again.
        ClientRequestToken: randomUUID(),
      });
      try {
        await retryConflicts(
          () => documents.send(transaction, { abortSignal: limits.signal }),
          limits,
        );
        return { kind: "reserved" };
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        // An execution that died after its reservation may be the very reason why the money is not
        // there any more, so the reservation is asked for before anything is refused.
        const earlier = await documents.send(new GetCommand(readReservation(tableName, payout.id)));
        if (earlier.Item !== undefined) return { kind: "reserved" };
        const refusal = reserveRefusal(error, payout);
        if (refusal === undefined) throw error;
        return { kind: "refused", refusal };
      }
    },

    async findTransfer(id, holder) {
      const { Item: item } = await documents.send(new GetCommand(readTransfer(tableName, id)));
      if (item?.holder !== holder) return undefined;
      const { from, to, amountMinor, currency, createdAt } = item as Transfer;
      return { id, from, to, amountMinor, currency, createdAt };
    },

    async findPayout(id, holder) {
      const { Item: item } = await documents.send(new GetCommand(readPayout(tableName, id)));
      if (item?.holder !== holder) return undefined;
      const { holder: _, ...payout } = item;
      return { ...(payout as SettledPayout), id };
    },

    async findAccount(id, holder) {
      const { Item: item } = await documents.send(new GetCommand(readAccount(tableName, id)));
      if (item?.holder !== holder) return undefined;
      const { currency, balanceMinor } = item as Account;
      return { id, currency, balanceMinor };
    },
  };
}
