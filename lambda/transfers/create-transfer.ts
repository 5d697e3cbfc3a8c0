import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { dwolla, type HttpResponse, idempotent, type WithIdempotency } from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { type Problem, problemResponse } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { dwollaProblem, dwollaTransferMade } from "../vendors/dwolla/transfer-answer.ts";
import { isDwollaForm, readDwollaTransfer } from "../vendors/dwolla/transfer-request.ts";
import { commitTransfer } from "./commit-transfer.ts";
import { newTransfer } from "./transfer.ts";
import { transferMade } from "./transfer-answer.ts";
import { readTransferRequest } from "./transfer-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/**
 * `POST /transfers` under Dwolla's contract for retries, in Dwolla's form or in our own. Money and
 * record move in one transaction, or not at all.
 */
export const handler = middy(
  idempotent(createTransfer, {
    store,
    tenant: readAccountHolder,
    profile: dwolla(),
    operation: "POST /transfers",
    claimAt: "commit",
  }),
).use(problemErrors<AuthorizedEvent>(problem));

async function createTransfer(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const isDwolla = isDwollaForm(event);
  // Each attempt has another id: of all attempts, one commits.
  const transfer = newTransfer(isDwolla ? readDwollaTransfer(event) : readTransferRequest(event));
  return commitTransfer(
    idempotency,
    { ledgerTable, transfer, holder: readAccountHolder(event) },
    {
      made: isDwolla ? dwollaTransferMade(event, transfer) : transferMade(transfer, "/transfers"),
      refused: (refusal) => problem(refusal, event),
    },
  );
}

function problem(problem: Problem, event: AuthorizedEvent): HttpResponse {
  return isDwollaForm(event) ? dwollaProblem(problem) : problemResponse(problem);
}
