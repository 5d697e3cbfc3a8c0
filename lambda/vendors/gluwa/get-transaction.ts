import middy from "@middy/core";
import type { HttpResponse } from "../../../lib/index.ts";
import { type AuthorizedEvent, accountHolderOf } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { notFound } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../../ledger/ledger.ts";
import { transferIdOf } from "../../transfers/transfer.ts";
import { gluwaProblem, gluwaTransaction } from "./transaction-answer.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** Gluwa's `GET /v1/transactions/{id}`, where a client learns what came of its request. */
export const handler = middy<AuthorizedEvent>()
  .use(problemErrors(gluwaProblem))
  .handler(getTransaction);

async function getTransaction(event: AuthorizedEvent): Promise<HttpResponse> {
  const { id = "" } = event.pathParameters ?? {};
  const transfer = await ledger.findTransfer(transferIdOf(id), accountHolderOf(event));
  if (transfer === undefined) throw notFound("transaction", id);
  return gluwaTransaction(200, transfer);
}
