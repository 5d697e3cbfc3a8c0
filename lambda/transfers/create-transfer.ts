import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { dwolla, type HttpResponse, idempotent, type WithIdempotency } from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { prefersAsync } from "../http/prefer.ts";
import { type Problem, problemResponse } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { dwollaProblem, dwollaTransferMade } from "../vendors/dwolla/transfer-answer.ts";
import { isDwollaForm, readDwollaTransfer } from "../vendors/dwolla/transfer-request.ts";
import { commitTransfer } from "./commit-transfer.ts";
import { queueTransfer } from "./queue-transfer.ts";
import { newTransfer } from "./transfer.ts";
import { transferMade } from "./transfer-answer.ts";
import { readTransferRequest } from "./transfer-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/** Equal for both wrappers, so that a key is one request, whichever way it comes. */
const shared = {
  store,
  tenant: readAccountHolder,
  operation: "POST /transfers",
} as const;

/** Money and record move in one transaction, or not at all. */
const transferNow = middy(
  idempotent(createTransfer, { ...shared, profile: dwolla(), claimAt: "commit" }),
).use(problemErrors<AuthorizedEvent>(problem));

/**
 * The message to the queue is no part of a transaction, so the claim comes first; a malformed order is
 * refused before it.
 */
const transferLater = middy(
  idempotent(queueTransfer, {
    ...shared,
    profile: dwolla({ interrupted: "resume" }),
    validate: (event) => void readTransferRequest(event),
  }),
).use(problemErrors<AuthorizedEvent>(problem));

/**
 * `POST /transfers` under Dwolla's contract for retries, in Dwolla's form or in our own. In our own form
 * the client may prefer to be answered before the transfer is made (`Prefer: respond-async`).
 *
 * A repeat gets the first response, with or without the preference.
 */
export async function handler(event: AuthorizedEvent, context: Context): Promise<HttpResponse> {
  if (prefersAsync(event) && !isDwollaForm(event)) return transferLater(event, context);
  const response = await transferNow(event, context);
  // The request had begun with the preference: its message may be in the queue, so it goes on that way.
  return isInterrupted(response) ? transferLater(event, context) : response;
}

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

function isInterrupted({ statusCode, body = "" }: HttpResponse): boolean {
  return statusCode === 409 && JSON.parse(body).error?.code === "request_interrupted";
}
