import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { readText } from "../../lib/dynamodb/stored-text.ts";
import type { Sample } from "../../local/demo/sample.ts";
import { localClient } from "../../local/tables.ts";
import type { FinalState, LedgerItem } from "./history.ts";
import { clearTable, readTable } from "./table-items.ts";

/** More than all affordable orders of a run together. */
const FUNDS_MINOR = 10 ** 11;

/** The tables and the books of the bank, read without functions, proxies and faults between. */
export interface Books {
  /** Deletes everything, and gives the account holders money. */
  open(): Promise<void>;
  /** Reads all items and all payments. */
  read(): Promise<FinalState>;
  close(): void;
}

/** @param endpoint the engine's own, without a proxy before it. */
export function createBooks({ cloud, bank, holders }: Sample, endpoint: string): Books {
  const client = localClient(endpoint);
  const documents = DynamoDBDocumentClient.from(client);
  const ledgerTable = cloud.tableName("Ledger");
  const recordsTable = cloud.tableName("IdempotencyTable");
  const accounts = [holders.alice, holders.bob];
  let paidBefore = 0;

  return {
    async open() {
      await clearTable(documents, ledgerTable);
      await clearTable(documents, recordsTable);
      for (const { account, holder, currency } of accounts) {
        const Item = { id: `account/${account}`, holder, currency, balanceMinor: FUNDS_MINOR };
        await documents.send(new PutCommand({ TableName: ledgerTable, Item }));
      }
      paidBefore = bank.payments.length;
    },
    read: async () => ({
      ledger: await readTable(documents, ledgerTable),
      records: (await readTable(documents, recordsTable)).map(decompressResponse),
      payments: bank.payments.slice(paidBefore),
      initialMinor: Object.fromEntries(accounts.map(({ account }) => [account, FUNDS_MINOR])),
    }),
    close: () => client.destroy(),
  };
}

/** Long responses are stored compressed. */
function decompressResponse(record: LedgerItem): LedgerItem {
  const { response } = record;
  if (!(response instanceof Uint8Array)) return record;
  return { ...record, response: readText({ B: response }) };
}
