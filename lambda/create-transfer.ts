import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { dynamoDbStore } from "../lib/dynamodb/index.ts";
import { ietf, type WithIdempotency } from "../lib/index.ts";
import { idempotency } from "../lib/middy.ts";
import { type AuthorizedEvent, accountHolderOf } from "./account-holder.ts";
import { dynamoDbClient } from "./dynamodb-client.ts";
import { requiredVariable } from "./environment.ts";
import { dynamoDbLedger } from "./ledger.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { problemErrors } from "./problem-errors.ts";
import { transferId } from "./transfer.ts";
import { refusalProblem } from "./transfer-refusal.ts";
import { readTransferRequest } from "./transfer-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** `POST /transfers`, safe to retry. */
export const handler = middy<AuthorizedEvent>()
  .use(problemErrors())
  .use(idempotency({ store, tenant: accountHolderOf, profile: ietf() }))
  .handler(createTransfer);

/** Left of the invocation when the ledger gives up, so that there is time to say so. */
const ANSWER_TIME_MS = 2_000;

async function createTransfer(
  event: AuthorizedEvent,
  context: WithIdempotency<Context>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { idempotency } = context;
  const request = readTransferRequest(event);
  const order = {
    // The same on every attempt of this key: whoever repeats a transfer after a crash finds it made.
    id: transferId(idempotency.downstreamKey("transfer")),
    holder: accountHolderOf(event),
    request,
  };
  const deadlineMs = Date.now() + context.getRemainingTimeInMillis() - ANSWER_TIME_MS;
  const outcome = await ledger
    .transfer(order, { deadlineMs, signal: idempotency.signal })
    .catch(unavailable);

  // Returned and not thrown: the ledger has been asked, and every repeat gets the same answer.
  if (outcome.kind === "refused") return problemResponse(refusalProblem(outcome.refusal, request));
  const { transfer } = outcome;
  return {
    statusCode: 201,
    headers: { "content-type": "application/json", location: `/transfers/${transfer.id}` },
    body: JSON.stringify(transfer),
  };
}

function unavailable(cause: Error): never {
  throw new ProblemError(
    {
      statusCode: 503,
      code: "ledger_unavailable",
      title: "The ledger cannot answer at the moment.",
      detail:
        "The ledger did not say in time whether the money has moved. Send the same request again, with the same Idempotency-Key.",
      headers: { "retry-after": "1" },
    },
    cause,
  );
}
