import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { gluwa, type HttpResponse, idempotent, type WithIdempotency } from "../../../lib/index.ts";
import {
  type AuthorizedEvent,
  readAccountHolder,
  requireHolder,
} from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { commitTransfer } from "../../transfers/commit-transfer.ts";
import { newTransfer } from "../../transfers/transfer.ts";
import { gluwaProblem, gluwaTransaction } from "./transaction-answer.ts";
import { readGluwaTransaction } from "./transaction-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/**
 * Gluwa's `POST /v1/transactions`: once a request has begun, every repeat is denied. An execution
 * that dies before its commit has had no effect, so the completer may run the handler once more.
 */
export const handler = middy(
  idempotent(createTransaction, {
    store,
    tenant: readAccountHolder,
    profile: gluwa({ abandoned: "complete" }),
    // A key is unique within a customer; the operation keeps other APIs in the same table apart.
    operation: "Gluwa",
  }),
).use(problemErrors<AuthorizedEvent>(gluwaProblem));

async function createTransaction(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const transfer = newTransfer(readGluwaTransaction(event));
  return commitTransfer(
    idempotency,
    { ledgerTable, transfer, holder: requireHolder(idempotency) },
    { made: gluwaTransaction(202, transfer), refused: gluwaProblem },
  );
}
