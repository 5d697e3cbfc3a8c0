import { randomBytes } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { accountKey } from "../ledger/accounts.ts";
import { tokenDigest } from "./bearer-token.ts";

/** An account holder with an account and a token, to try the service out. */
export interface DemoHolder {
  readonly holder: string;
  readonly account: string;
  readonly currency: string;
  readonly balanceMinor: number;
  /** The bearer token. The table holds only its digest. */
  readonly token: string;
}

/**
 * Creates the account holders alice and bob, with 1000.00 EUR each and new tokens. For the local
 * cloud and the tests: no function imports this.
 */
export async function seedDemoHolders({
  client,
  ledgerTable,
  tokensTable,
}: {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly tokensTable: string;
}): Promise<{ readonly alice: DemoHolder; readonly bob: DemoHolder }> {
  const documents = DynamoDBDocumentClient.from(client);

  async function seed(holder: string): Promise<DemoHolder> {
    const account = `acc_${holder}`;
    const funds = { currency: "EUR", balanceMinor: 100_000 };
    const token = randomBytes(32).toString("base64url");
    const accountItem = { id: accountKey(account), holder, ...funds };
    const tokenItem = { tokenDigest: tokenDigest(token), holder };
    await documents.send(new PutCommand({ TableName: ledgerTable, Item: accountItem }));
    await documents.send(new PutCommand({ TableName: tokensTable, Item: tokenItem }));
    return { holder, account, ...funds, token };
  }

  return { alice: await seed("alice"), bob: await seed("bob") };
}
