import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { SettledPayout } from "../payouts/payout.ts";
import { isTransferId, type KnownTransfer, type Transfer } from "../transfers/transfer.ts";
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
 * Reads accounts, transfers and payouts; each call sees the items of one holder only. The writes
 * stand elsewhere, because handlers commit them together with the idempotency record:
 * `transferWrites`, `acceptWrite`, `makeWrites`, `reserveWrites`, `paidWrites`, `refusedWrites`.
 */
export interface Ledger {
  /** The transfer with this id, if it moved the holder's money. */
  findTransfer(id: string, holder: string): Promise<Transfer | undefined>;
  /** The same, and transfers that were accepted to be made later, with their status. */
  findKnownTransfer(id: string, holder: string): Promise<KnownTransfer | undefined>;
  /** The payout with this id, if it took the holder's money and the bank has paid or refused it. */
  findPayout(id: string, holder: string): Promise<SettledPayout | undefined>;
  /** The account with this id, if it belongs to the holder. */
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

  async function findKnownTransfer(id: string, holder: string) {
    if (!isTransferId(id)) return undefined;
    const { Item: item } = await documents.send(new GetCommand(readTransfer(tableName, id)));
    if (item?.holder !== holder) return undefined;
    const { from, to, amountMinor, currency, createdAt, status, reason } = item;
    const transfer = { id, from, to, amountMinor, currency, createdAt };
    return { ...transfer, ...(status && { status }), ...(reason && { reason }) } as KnownTransfer;
  }

  return {
    async findTransfer(id, holder) {
      const known = await findKnownTransfer(id, holder);
      if (known === undefined) return undefined;
      const { status = "made", ...transfer } = known;
      return status === "made" ? transfer : undefined;
    },

    findKnownTransfer,

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
