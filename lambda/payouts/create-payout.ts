import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  type HttpResponse,
  type IdempotencyContext,
  idempotent,
  isCommitRefused,
  orzcash,
  type WithIdempotency,
} from "../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder, requireHolder } from "../auth/account-holder.ts";
import { requiredVariable } from "../environment.ts";
import { problemResponse } from "../http/problem.ts";
import { problemErrors } from "../http/problem-errors.ts";
import { refusalProblem } from "../http/refusal-problem.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import { paidWrites, refusedWrites, reserveRefusal, reserveWrites } from "../ledger/payouts.ts";
import { type BankAnswer, pay } from "./bank.ts";
import { type PayoutOrder, payoutId } from "./payout.ts";
import { bankUnavailable, payoutCreated, payoutRefused, payoutStranded } from "./payout-answer.ts";
import { readPayoutRequest } from "./payout-request.ts";

const store = dynamoDbStore({
  client: dynamoDbClient,
  tableName: requiredVariable("IDEMPOTENCY_TABLE"),
});

const ledgerTable = requiredVariable("LEDGER_TABLE");
const bankUrl = requiredVariable("BANK_URL");

/**
 * `POST /payouts`, pushed to its completion. A DynamoDB transaction cannot contain the bank, so there
 * are three steps: reserve the amount, ask the bank, and commit the bank's answer together with the
 * response. Wherever an attempt dies, the next attempt goes on: a retry, or the completer if the
 * client never retries.
 */
export const handler = middy(
  idempotent(createPayout, {
    store,
    tenant: readAccountHolder,
    profile: orzcash(),
    operation: "POST /payouts",
  }),
).use(problemErrors<AuthorizedEvent>());

/** Time that the handler keeps, when it stops waiting for the bank, to record that and to respond. */
const COMMIT_TIME_MS = 3_000;

async function createPayout(
  event: AuthorizedEvent,
  context: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const { idempotency } = context;
  const order = { holder: requireHolder(idempotency), ...readPayoutRequest(event) };

  let payout: PayoutOrder;
  try {
    payout = await reserve(idempotency, order);
  } catch (error) {
    const refusal = isCommitRefused(error) && reserveRefusal(error, order);
    if (!refusal) throw error;
    // Returned and not thrown: a returned refusal of the ledger is stored, and every repeat gets it.
    return problemResponse(refusalProblem(refusal, order));
  }

  const timeLeftMs = Math.max(0, context.getRemainingTimeInMillis() - COMMIT_TIME_MS);
  const answer = await askBank(idempotency, payout, timeLeftMs);

  try {
    return await settle(idempotency, payout, answer);
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    console.error(error);
    // The ledger has lost the reservation: no further attempt can succeed.
    return idempotency.final(payoutStranded(payout));
  }
}

function reserve(
  { commitStep }: IdempotencyContext,
  order: Omit<PayoutOrder, "id">,
): Promise<PayoutOrder> {
  return commitStep("reserve", (downstreamKey) => {
    // The same id on every attempt, and another id for the next request.
    const payout = { id: payoutId(downstreamKey), ...order };
    return { writes: reserveWrites(ledgerTable, payout), result: payout };
  });
}

function askBank(
  { step }: IdempotencyContext,
  { beneficiary: account, amountMinor, currency }: PayoutOrder,
  timeLeftMs: number,
): Promise<BankAnswer> {
  return step("bank", ({ downstreamKey: key, signal }) =>
    pay(
      bankUrl,
      { account, amountMinor, currency },
      { key, signal: AbortSignal.any([signal, AbortSignal.timeout(timeLeftMs)]) },
    ).catch(bankUnavailable),
  );
}

function settle(
  { commit }: IdempotencyContext,
  payout: PayoutOrder,
  answer: BankAnswer,
): Promise<HttpResponse> {
  const createdAt = new Date().toISOString();
  if (answer.kind === "refused") {
    const { reason } = answer;
    const writes = refusedWrites(ledgerTable, payout, { reason, createdAt });
    return commit(writes, payoutRefused(reason));
  }
  const { paymentId } = answer;
  const writes = paidWrites(ledgerTable, payout, { paymentId, createdAt });
  return commit(writes, payoutCreated({ ...payout, paymentId, createdAt }));
}
