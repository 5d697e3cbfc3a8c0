import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { accountKey } from "../../lambda/ledger/accounts.ts";
import { dynamoDbLedger, type Ledger } from "../../lambda/ledger/ledger.ts";
import type { LedgerWrite } from "../../lambda/ledger/write.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { CommitRefused } from "../../lib/index.ts";
import { systemClock } from "../../lib/protocol/clock.ts";
import { httpApiEvent } from "../support/events.ts";
import { serviceOf } from "../support/service.ts";
import { startTables } from "./transfer-service.ts";

/** A ledger without the service around it. Accounts are their holders': `acc_a` belongs to `a`. */
export interface LedgerOnEngine {
  readonly ledger: Ledger;
  readonly tableName: string;
  readonly openAccount: (id: string, balanceMinor: number, details?: object) => Promise<void>;
  readonly readBalance: (account: string) => Promise<number | undefined>;
  /** Commits writes as a handler does; returns the refused write, if there is one. */
  readonly commit: (writes: readonly LedgerWrite[]) => Promise<CommitRefused | undefined>;
  readonly close: () => Promise<void>;
}

export const toHolder = (account: string) => account.slice("acc_".length);

export async function startLedger(): Promise<LedgerOnEngine> {
  const { client, tables, close } = await startTables();
  const documents = DynamoDBDocumentClient.from(client);
  const store = dynamoDbStore({ client, tableName: tables.idempotency });
  const ledger = dynamoDbLedger({ client, tableName: tables.ledger });
  let committed = 0;

  return {
    ledger,
    tableName: tables.ledger,
    close,
    async openAccount(id, balanceMinor, details = {}) {
      const account = { id: accountKey(id), holder: toHolder(id), currency: "EUR", balanceMinor };
      const Item = { ...account, ...details };
      await documents.send(new PutCommand({ TableName: tables.ledger, Item }));
    },
    readBalance: async (account) =>
      (await ledger.findAccount(account, toHolder(account)))?.balanceMinor,
    async commit(writes) {
      committed += 1;
      let refused: CommitRefused | undefined;
      const service = serviceOf(
        ({ context }) =>
          context.idempotency.commit(writes, { statusCode: 201 }).catch((error) => {
            refused = error;
            return { statusCode: 422 };
          }),
        { store, claimAt: "commit", clock: systemClock },
      );
      const { statusCode } = await service.call(httpApiEvent({ key: `commit-${committed}` }));
      if (statusCode === 201) return undefined;
      if (refused?.name === "IdempotencyCommitRefused") return refused;
      throw refused ?? new Error(`The commit was answered with ${statusCode}.`);
    },
  };
}
