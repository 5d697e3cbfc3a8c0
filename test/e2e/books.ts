import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect } from "@jest/globals";
import { localClient } from "../../local/tables.ts";
import type { RunningService } from "./service.ts";

/** What everybody has, what is put aside, and what the bank has paid, in minor units. */
export interface Books {
  readonly alice: number;
  readonly bob: number;
  readonly reserved: number;
  /** By the ledger. */
  readonly paidOut: number;
  /** By the bank. */
  readonly paid: number;
}

export const NOTHING: Books = { alice: 0, bob: 0, reserved: 0, paidOut: 0, paid: 0 };

/** What the payouts of a test change. */
export interface BookKeeping {
  /** What has become of the money since the test began. */
  readonly changes: () => Promise<Books>;
  /** Takes an item out of the ledger, behind everybody's back. */
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
    const sumOf = (kind: string, status?: string) =>
      items
        .filter((item) => item.id.startsWith(`${kind}/`) && item.status === status)
        .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    return {
      alice,
      bob,
      reserved: sumOf("reservation"),
      paidOut: sumOf("payout", "paid"),
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
    // What is not in an account is put aside or paid out.
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
