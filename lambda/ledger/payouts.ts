import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PayoutOrder } from "../payouts/payout.ts";
import { credit, debit, type Posting } from "./accounts.ts";
import { debitRefusal, type LedgerRefusal, type RefusedWrite } from "./refusal.ts";
import { type LedgerWrite, putNew } from "./write.ts";

/*
 * Payouts: an item `reservation/<id>` {holder, from, amountMinor, currency, beneficiary} until the
 * bank has answered. An item `payout/<id>` then takes its place, with the same attributes and the
 * bank's answer: {status: "paid", paymentId, createdAt} or {status: "refused", reason, createdAt}.
 */

/**
 * Takes the amount out of the account and reserves it. Commit these writes with the step's record:
 * no execution then reserves the amount a second time.
 */
export function reserveWrites(tableName: string, payout: PayoutOrder): readonly LedgerWrite[] {
  const { id, ...order } = payout;
  return [
    debit(tableName, toPosting(payout), payout.holder),
    putNew(tableName, { id: reservationKey(id), ...order }),
  ];
}

/** The bank has paid: the reserved amount is gone for good. */
export function paidWrites(
  tableName: string,
  payout: PayoutOrder,
  paid: { readonly paymentId: string; readonly createdAt: string },
): readonly LedgerWrite[] {
  return settleWrites(tableName, payout, { status: "paid", ...paid });
}

/** The bank will not pay: the reserved amount goes back to the account. */
export function refusedWrites(
  tableName: string,
  payout: PayoutOrder,
  refused: { readonly reason: string; readonly createdAt: string },
): readonly LedgerWrite[] {
  return [
    ...settleWrites(tableName, payout, { status: "refused", ...refused }),
    credit(tableName, toPosting(payout)),
  ];
}

/**
 * The reason why the ledger does not reserve the amount.
 *
 * @param refused the refused write of `reserveWrites`.
 * @returns `undefined` if the account is not the reason.
 */
export function reserveRefusal(
  { index, item }: RefusedWrite,
  order: Omit<PayoutOrder, "id">,
): LedgerRefusal | undefined {
  return index === 0 ? debitRefusal(item, toPosting(order), order.holder) : undefined;
}

/** A consistent read: a client that has just received the response finds the payout. */
export function readPayout(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: payoutKey(id) }, ConsistentRead: true };
}

function settleWrites(
  tableName: string,
  payout: PayoutOrder,
  settlement: { readonly status: "paid" | "refused" },
): readonly LedgerWrite[] {
  const { id, ...order } = payout;
  return [
    {
      Delete: {
        TableName: tableName,
        Key: { id: reservationKey(id) },
        // Without a reservation, the amount can be neither paid nor given back.
        ConditionExpression: "attribute_exists(#id)",
        ExpressionAttributeNames: { "#id": "id" },
      },
    },
    putNew(tableName, { id: payoutKey(id), ...order, ...settlement }),
  ];
}

function toPosting({ from, amountMinor, currency }: Omit<PayoutOrder, "id">): Posting {
  return { account: from, amountMinor, currency };
}

function reservationKey(id: string): string {
  return `reservation/${id}`;
}

function payoutKey(id: string): string {
  return `payout/${id}`;
}
