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
import { type AuthorizedEvent, accountHolderOf } from "../auth/account-holder.ts";
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
 * `POST /payouts`, pushed to its completion. The bank cannot be in a DynamoDB transaction, so there
 * are three steps: the amount is put aside, the bank is asked, and what it said is committed with the
 * answer. Wherever an attempt dies, the next one goes on from there: the client's, or the completer's
 * where the client never comes back.
 */
export const handler = middy(
  idempotent(createPayout, {
    store,
    tenant: accountHolderOf,
    profile: orzcash(),
    operation: "POST /payouts",
  }),
).use(problemErrors<AuthorizedEvent>());

/** Left of the invocation when the bank is given up, to record that and to answer. */
const COMMIT_TIME_MS = 3_000;

async function createPayout(
  event: AuthorizedEvent,
  context: WithIdempotency<Context>,
): Promise<HttpResponse> {
  const { idempotency } = context;
  const order = { holder: accountHolderOf(event), ...readPayoutRequest(event) };

  let payout: PayoutOrder;
  try {
    payout = await reserve(idempotency, order);
  } catch (error) {
    const refusal = isCommitRefused(error) && reserveRefusal(error, order);
    if (!refusal) throw error;
    // Returned and not thrown: the ledger has been asked, and every repeat gets the same answer.
    return problemResponse(refusalProblem(refusal, order));
  }

  const timeLeftMs = Math.max(0, context.getRemainingTimeInMillis() - COMMIT_TIME_MS);
  const answer = await askBank(idempotency, payout, timeLeftMs);

  try {
    return await settle(idempotency, payout, answer);
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    console.error(error);
    // The ledger has lost the reservation: no other attempt can change that.
    return idempotency.final(payoutStranded(payout));
  }
}

function reserve(
  { step }: IdempotencyContext,
  order: Omit<PayoutOrder, "id">,
): Promise<PayoutOrder> {
  return step("reserve", ({ downstreamKey, commit }) => {
    // The same on every attempt, and different for the next request.
    const payout = { id: payoutId(downstreamKey), ...order };
    return commit(reserveWrites(ledgerTable, payout), payout);
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
