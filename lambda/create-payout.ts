import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../lib/dynamodb/index.ts";
import { type HttpResponse, idempotent, ietf, type WithIdempotency } from "../lib/index.ts";
import { type AuthorizedEvent, accountHolderOf } from "./account-holder.ts";
import { pay } from "./bank.ts";
import { dynamoDbClient } from "./dynamodb-client.ts";
import { requiredVariable } from "./environment.ts";
import { dynamoDbLedger } from "./ledger.ts";
import { paidWrites, refusedWrites } from "./ledger-payouts.ts";
import { type PayoutOrder, payoutId } from "./payout.ts";
import { payoutCreated, payoutRefused, unavailable } from "./payout-answer.ts";
import { readPayoutRequest } from "./payout-request.ts";
import { problemResponse } from "./problem.ts";
import { problemErrors } from "./problem-errors.ts";
import { refusalProblem } from "./refusal-problem.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");
const ledger = dynamoDbLedger({ client: dynamoDbClient, tableName: ledgerTable });
const bankUrl = requiredVariable("BANK_URL");

/**
 * `POST /payouts`, safe to retry. The bank cannot be in a DynamoDB transaction, so the amount is put
 * aside first, then the bank is asked under a key that every attempt has, and then what it said is
 * committed. Wherever an attempt dies, the next one finds the reservation, and the bank its payment. A
 * client that never comes back leaves the amount put aside: only the bank could say what became of it.
 */
export const handler = middy(
  idempotent(createPayout, { store, tenant: accountHolderOf, profile: ietf(), mode: "claim" }),
).use(problemErrors<AuthorizedEvent>());

/** Left of the invocation when ledger or bank are given up, to commit and to answer. */
const COMMIT_TIME_MS = 3_000;

async function createPayout(
  event: AuthorizedEvent,
  context: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const { idempotency } = context;
  const request = readPayoutRequest(event);
  const payout: PayoutOrder = {
    // The same on every attempt of this key: a repeat goes on with the reservation that it finds.
    id: payoutId(idempotency.downstreamKey("payout")),
    holder: accountHolderOf(event),
    ...request,
  };
  const timeLeftMs = () => Math.max(0, context.getRemainingTimeInMillis() - COMMIT_TIME_MS);

  const deadlineMs = Date.now() + timeLeftMs();
  const reserved = await ledger
    .reserve(payout, { deadlineMs, signal: idempotency.signal })
    .catch(unavailable("ledger"));
  // Returned and not thrown: the ledger has been asked, and every repeat gets the same answer.
  if (reserved.kind === "refused") {
    return problemResponse(refusalProblem(reserved.refusal, request));
  }

  const { beneficiary: account, amountMinor, currency } = request;
  const answer = await pay(
    bankUrl,
    { account, amountMinor, currency },
    {
      key: idempotency.downstreamKey("bank"),
      signal: AbortSignal.any([idempotency.signal, AbortSignal.timeout(timeLeftMs())]),
    },
  ).catch(unavailable("bank"));

  const createdAt = new Date().toISOString();
  if (answer.kind === "refused") {
    const { reason } = answer;
    const writes = refusedWrites(ledgerTable, payout, { reason, createdAt });
    return idempotency.commit(writes, payoutRefused(reason));
  }
  const { paymentId } = answer;
  const writes = paidWrites(ledgerTable, payout, { paymentId, createdAt });
  return idempotency.commit(writes, payoutCreated({ ...payout, paymentId, createdAt }));
}
