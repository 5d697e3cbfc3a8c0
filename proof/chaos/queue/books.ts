import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Bank } from "../../../local/demo/bank.ts";
import { localClient } from "../../../local/tables.ts";
import { clearTable, readTable, type TableItem } from "../table-items.ts";
import { FUNDS_MINOR, type GroupBooks, type QueueFinal, type QueueOrder } from "./history.ts";

/** The tables of a stage. */
export const TABLES = { ledger: "ledger", records: "records" } as const;

/** The ledger and the bank, read without functions, proxies and faults between. */
export interface QueueBooks {
  /** Deletes everything. */
  clear(): Promise<void>;
  /** Gives an account money. */
  openAccount(group: string): Promise<void>;
  /** The marks of the orders whose effect is there, of some orders. */
  findEffects(orders: readonly QueueOrder[]): Promise<ReadonlySet<number>>;
  read(): Promise<Pick<QueueFinal, "books" | "payments">>;
  close(): void;
}

const ACCOUNT = "account/";
const COUNTERPART = "counterpart/";

/** @param endpoint the engine's own, without a proxy before it. */
export function createQueueBooks(endpoint: string, bank: Bank): QueueBooks {
  const client = localClient(endpoint);
  const documents = DynamoDBDocumentClient.from(client);
  let paidBefore = 0;

  const payments = () => bank.payments.slice(paidBefore);

  return {
    async clear() {
      await clearTable(documents, TABLES.ledger);
      await clearTable(documents, TABLES.records);
      paidBefore = bank.payments.length;
    },
    async openAccount(group) {
      const account = { id: `${ACCOUNT}${group}`, balanceMinor: FUNDS_MINOR, entries: [] };
      const counterpart = { id: `${COUNTERPART}${group}`, balanceMinor: 0 };
      const puts = [account, counterpart].map((Item) => ({ PutRequest: { Item } }));
      await documents.send(new BatchWriteCommand({ RequestItems: { [TABLES.ledger]: puts } }));
    },
    async findEffects(orders) {
      const ids = new Set(orders.map(({ group }) => `${ACCOUNT}${group}`));
      if (ids.size === 0) return new Set();
      const Keys = [...ids].map((id) => ({ id }));
      const RequestItems = { [TABLES.ledger]: { Keys, ConsistentRead: true } };
      const { Responses } = await documents.send(new BatchGetCommand({ RequestItems }));
      const items = (Responses?.[TABLES.ledger] ?? []) as TableItem[];
      return new Set([
        ...items.flatMap(({ entries }) => entries as number[]),
        ...payments().map(({ amountMinor }) => amountMinor),
      ]);
    },
    read: async () => ({
      books: pairAccounts(await readTable(documents, TABLES.ledger)),
      payments: payments(),
    }),
    close: () => client.destroy(),
  };
}

function pairAccounts(items: readonly TableItem[]): GroupBooks[] {
  const counterparts = new Map(items.map(({ id, balanceMinor }) => [id, Number(balanceMinor)]));
  return items
    .filter(({ id }) => id.startsWith(ACCOUNT))
    .map(({ id, balanceMinor, entries }) => {
      const group = id.slice(ACCOUNT.length);
      const counterpartMinor = counterparts.get(`${COUNTERPART}${group}`) ?? 0;
      return {
        group,
        balanceMinor: Number(balanceMinor),
        counterpartMinor,
        entries: entries as number[],
      };
    });
}
