import middy from "@middy/core";
import type { HttpResponse } from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { notFound } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../ledger/ledger.ts";
import { isAccountId } from "../transfers/transfer.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** `GET /accounts/{id}`: an account that the caller holds, with its balance. */
export const handler = middy<AuthorizedEvent>().use(problemErrors()).handler(getAccount);

async function getAccount(event: AuthorizedEvent): Promise<HttpResponse> {
  const holder = readAccountHolder(event);
  const { id = "" } = event.pathParameters ?? {};
  const account = isAccountId(id) ? await ledger.findAccount(id, holder) : undefined;
  if (account === undefined) throw notFound("account", id);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  };
}
