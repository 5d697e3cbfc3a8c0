import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { localClient } from "../../local/tables.ts";
import type { RunningService } from "./service.ts";

/** The balances of both holders, the reserved amount, and the bank's payments, in minor units. */
export interface Books {
  readonly alice: number;
  readonly bob: number;
  readonly reserved: number;
  /** Paid out according to the ledger. */
  readonly paidOut: number;
  /** Paid according to the bank. */
  readonly paid: number;
}

export const NOTHING: Books = { alice: 0, bob: 0, reserved: 0, paidOut: 0, paid: 0 };

/** The bookkeeping of a test. */
export interface BookKeeping {
  /** The changes of the amounts since the test began. */
  readonly changes: () => Promise<Books>;
  /** Deletes an item of the ledger without the service. */
  readonly loseItem: (prefix: string) => Promise<void>;
}

/** Keeps the books of a service, and checks after each test that nothing was made or lost. */
export function keepBooks({ cloud, bank, balances }: RunningService): BookKeeping {
  let before: Books;

  beforeEach(async () => {
    before = await books();
  });

  async function books(): Promise<Books> {
    const [alice, bob] = await balances();
    const items = await ledgerItems();
    const sum = (kind: string, status?: string) =>
      items
        .filter((item) => item.id.startsWith(`${kind}/`) && item.status === status)
        .reduce((total, { amountMinor }) => total + amountMinor, 0);
    return {
      alice,
      bob,
      reserved: sum("reservation"),
      paidOut: sum("payout", "paid"),
      paid: bank().payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    };
  }

  async function withLedger<Result>(
    use: (documents: DynamoDBDocumentClient, TableName: string) => Promise<Result>,
  ): Promise<Result> {
    const client = localClient(cloud().engine.endpoint);
    try {
      return await use(DynamoDBDocumentClient.from(client), cloud().tableName("Ledger"));
    } finally {
      client.destroy();
    }
  }

  async function ledgerItems() {
    const { Items = [] } = await withLedger((documents, TableName) =>
      documents.send(new ScanCommand({ TableName, ConsistentRead: true })),
    );
    return Items as { id: string; status?: string; amountMinor: number }[];
  }

  let lostMinor = 0;
  afterEach(async () => {
    const { alice, bob, reserved, paidOut } = await books();
    // All money outside the accounts is reserved or paid out.
    expect(alice + bob + reserved + paidOut + lostMinor).toBe(
      before.alice + before.bob + before.reserved + before.paidOut,
    );
    lostMinor = 0;
  });

  return {
    async changes() {
      const now = await books();
      const names = Object.keys(now) as (keyof Books)[];
      return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as never;
    },
    async loseItem(prefix) {
      const lost = (await ledgerItems()).filter(({ id }) => id.startsWith(prefix)).at(-1);
      if (lost === undefined) throw new Error(`There is no item ${prefix}… in the ledger.`);
      await withLedger((documents, TableName) =>
        documents.send(new DeleteCommand({ TableName, Key: { id: lost.id } })),
      );
      lostMinor += lost.amountMinor;
    },
  };
}
