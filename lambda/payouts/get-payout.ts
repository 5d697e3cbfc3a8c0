import middy from "@middy/core";
import type { HttpResponse } from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { notFound } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../ledger/ledger.ts";
import { isPayoutId } from "./payout.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** `GET /payouts/{id}`: a payout of the caller that the bank has made or refused. */
export const handler = middy<AuthorizedEvent>().use(problemErrors()).handler(getPayout);

async function getPayout(event: AuthorizedEvent): Promise<HttpResponse> {
  const holder = readAccountHolder(event);
  const { id = "" } = event.pathParameters ?? {};
  const payout = isPayoutId(id) ? await ledger.findPayout(id, holder) : undefined;
  if (payout === undefined) throw notFound("payout", id);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payout),
  };
}
