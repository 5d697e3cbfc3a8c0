import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, ietf, type WithIdempotency } from "../lib/index.ts";
import { type AuthorizedEvent, accountHolderOf } from "./account-holder.ts";
import { dynamoDbClient } from "./dynamodb-client.ts";
import { requiredVariable } from "./environment.ts";
import { transferRefusal, transferWrites } from "./ledger-transfers.ts";
import { problemResponse } from "./problem.ts";
import { problemErrors } from "./problem-errors.ts";
import { refusalProblem } from "./refusal-problem.ts";
import { isCommitRefused } from "./refused-commit.ts";
import { newTransferId, type Transfer } from "./transfer.ts";
import { readTransferRequest } from "./transfer-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/** `POST /transfers`, safe to retry: money and record move in one transaction, or not at all. */
export const handler = middy(
  idempotent(createTransfer, { store, tenant: accountHolderOf, profile: ietf(), mode: "once" }),
).use(problemErrors<AuthorizedEvent>());

async function createTransfer(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const request = readTransferRequest(event);
  const holder = accountHolderOf(event);
  // Another one on each attempt: of all attempts, one commits.
  const transfer = { id: newTransferId(), ...request, createdAt: new Date().toISOString() };
  try {
    const writes = transferWrites(ledgerTable, transfer, holder);
    return await idempotency.commit(writes, created(transfer));
  } catch (error) {
    const refusal = isCommitRefused(error) && transferRefusal(error, request, holder);
    if (!refusal) throw error;
    // Returned and not thrown: the ledger has been asked, and every repeat gets the same answer.
    return problemResponse(refusalProblem(refusal, request));
  }
}

function created(transfer: Transfer): HttpResponse {
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `/transfers/${transfer.id}` },
    body: JSON.stringify(transfer),
  };
}
