import middy from "@middy/core";
import type { HttpResponse } from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { notFound } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../ledger/ledger.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** `GET /transfers/{id}`: a transfer of the caller: made, pending, or refused after it was accepted. */
export const handler = middy<AuthorizedEvent>().use(problemErrors()).handler(getTransfer);

async function getTransfer(event: AuthorizedEvent): Promise<HttpResponse> {
  const holder = readAccountHolder(event);
  const { id = "" } = event.pathParameters ?? {};
  const transfer = await ledger.findKnownTransfer(id, holder);
  if (transfer === undefined) throw notFound("transfer", id);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(transfer),
  };
}
