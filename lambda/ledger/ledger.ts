import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { SettledPayout } from "../payouts/payout.ts";
import { isTransferId, type Transfer } from "../transfers/transfer.ts";
import { readAccount } from "./accounts.ts";
import { readPayout } from "./payouts.ts";
import { readTransfer } from "./transfers.ts";

/** An account, as its holder sees it. */
export interface Account {
  readonly id: string;
  readonly currency: string;
  readonly balanceMinor: number;
}

/**
 * Accounts, transfers and payouts of all holders; each call sees those of one holder only. What
 * changes them is not here, because it is committed with the idempotency record: `transferWrites`,
 * `reserveWrites`, `paidWrites`, `refusedWrites`.
 */
export interface Ledger {
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
    async findTransfer(id, holder) {
      if (!isTransferId(id)) return undefined;
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
