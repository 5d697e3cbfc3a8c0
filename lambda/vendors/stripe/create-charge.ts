import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, stripe, type WithIdempotency } from "../../../lib/index.ts";
import { type AuthorizedEvent, accountHolderOf } from "../../auth/account-holder.ts";
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

/** Stripe's `POST /v1/charges`: whatever came of it is what every repeat gets. */
export const handler = middy(
  idempotent(createCharge, {
    store,
    tenant: accountHolderOf,
    profile: stripe(),
    // Keys are the account's, but other APIs keep theirs in the same table.
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
    { ledgerTable, transfer, holder: accountHolderOf(event) },
    { made: charge(transfer), refused: stripeProblem },
  );
}
