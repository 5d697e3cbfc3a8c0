import middy from "@middy/core";
import type { HttpResponse } from "../../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { notFound } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { dynamoDbLedger } from "../../ledger/ledger.ts";
import { toTransferId } from "../../transfers/transfer.ts";
import { charge, stripeProblem } from "./charge-answer.ts";

const ledger = dynamoDbLedger({
  client: dynamoDbClient,
  tableName: requiredVariable("LEDGER_TABLE"),
});

/** Stripe's `GET /v1/charges/{id}`. */
export const handler = middy<AuthorizedEvent>()
  .use(problemErrors(stripeProblem))
  .handler(getCharge);

async function getCharge(event: AuthorizedEvent): Promise<HttpResponse> {
  const { id = "" } = event.pathParameters ?? {};
  const transferId = toTransferId(id.replace(/^ch_/, ""));
  const transfer = await ledger.findTransfer(transferId, readAccountHolder(event));
  if (transfer === undefined) throw notFound("charge", id);
  return charge(transfer);
}
