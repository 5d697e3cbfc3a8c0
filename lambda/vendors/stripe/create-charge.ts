import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, stripe, type WithIdempotency } from "../../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { commitTransfer } from "../../transfers/commit-transfer.ts";
import { newTransfer } from "../../transfers/transfer.ts";
import { charge, stripeProblem } from "./charge-answer.ts";
import { readCharge } from "./charge-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");

/** Stripe's `POST /v1/charges`: every repeat gets the first response, success or failure. */
export const handler = middy(
  idempotent(createCharge, {
    store,
    tenant: readAccountHolder,
    profile: stripe(),
    // A key is unique within an account; the operation keeps other APIs in the same table apart.
    operation: "Stripe",
  }),
).use(problemErrors<AuthorizedEvent>(stripeProblem));

async function createCharge(
  event: AuthorizedEvent,
  { idempotency }: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const transfer = newTransfer(readCharge(event));
  return commitTransfer(
    idempotency,
    { ledgerTable, transfer, holder: readAccountHolder(event) },
    { made: charge(transfer), refused: stripeProblem },
  );
}
