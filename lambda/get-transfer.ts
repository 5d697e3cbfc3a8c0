import middy from "@middy/core";
import type { HttpResponse } from "../lib/index.ts";
import { type AuthorizedEvent, accountHolderOf } from "./account-holder.ts";
import { dynamoDbClient } from "./dynamodb-client.ts";
import { requiredVariable } from "./environment.ts";
import { dynamoDbLedger } from "./ledger.ts";
import { notFound } from "./problem.ts";
import { problemErrors } from "./problem-errors.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** `GET /transfers/{id}`: a transfer that the caller has made. */
export const handler = middy<AuthorizedEvent>().use(problemErrors()).handler(getTransfer);

async function getTransfer(event: AuthorizedEvent): Promise<HttpResponse> {
  const holder = accountHolderOf(event);
  const { id = "" } = event.pathParameters ?? {};
  const transfer = await ledger.findTransfer(id, holder);
  if (transfer === undefined) throw notFound("transfer", id);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(transfer),
  };
}
