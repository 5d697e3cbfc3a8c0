import middy from "@middy/core";
import type { HttpResponse } from "../../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { notFound } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../../ledger/ledger.ts";
import { toTransferId } from "../../transfers/transfer.ts";
import { gluwaProblem, gluwaTransaction } from "./transaction-answer.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** Gluwa's `GET /v1/transactions/{id}`, which tells a client the outcome of its request. */
export const handler = middy<AuthorizedEvent>()
  .use(problemErrors(gluwaProblem))
  .handler(getTransaction);

async function getTransaction(event: AuthorizedEvent): Promise<HttpResponse> {
  const { id = "" } = event.pathParameters ?? {};
  const transfer = await ledger.findTransfer(toTransferId(id), readAccountHolder(event));
  if (transfer === undefined) throw notFound("transaction", id);
  return gluwaTransaction(200, transfer);
}
