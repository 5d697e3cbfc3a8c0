import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, ietf, type WithIdempotency } from "../../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { problemResponse } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { commitTransfer } from "../../transfers/commit-transfer.ts";
import { newTransfer } from "../../transfers/transfer.ts";
import { transferMade } from "../../transfers/transfer-answer.ts";
import { readTransferRequest } from "../../transfers/transfer-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/** `POST /v2/transfers` under the contract of the Internet-Draft: a key is required. */
export const handler = middy(
  idempotent(createTransfer, {
    store,
    tenant: readAccountHolder,
    profile: ietf(),
    operation: "POST /v2/transfers",
  }),
).use(problemErrors<AuthorizedEvent>());

async function createTransfer(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const transfer = newTransfer(readTransferRequest(event));
  return commitTransfer(
    idempotency,
    { ledgerTable, transfer, holder: readAccountHolder(event) },
    { made: transferMade(transfer, "/v2/transfers"), refused: problemResponse },
  );
}
