import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { PayoutOrder } from "../payouts/payout.ts";
import { credit, debit, type Posting } from "./accounts.ts";
import { debitRefusal, type LedgerRefusal, type Refused } from "./refusal.ts";
import { type LedgerWrite, putNew } from "./write.ts";

/*
 * Payouts: an item `reservation/<id>` {holder, from, amountMinor, currency, beneficiary} while the
 * bank is asked, and then, in its place, an item `payout/<id>` with the same and with what the bank
 * said: {status: "paid", paymentId, createdAt} or {status: "refused", reason, createdAt}.
 */

/**
 * Takes the amount out of the account and puts it aside. Committed with the step's record, so that no
 * execution does it a second time.
 */
export function reserveWrites(tableName: string, payout: PayoutOrder): readonly LedgerWrite[] {
  const { id, ...order } = payout;
  return [
    debit(tableName, postingOf(payout), payout.holder),
    putNew(tableName, { id: reservationKey(id), ...order }),
  ];
}

/** The bank has paid: what was put aside is gone for good. */
export function paidWrites(
  tableName: string,
  payout: PayoutOrder,
  paid: { readonly paymentId: string; readonly createdAt: string },
): readonly LedgerWrite[] {
  return settleWrites(tableName, payout, { status: "paid", ...paid });
}

/** The bank will not pay: what was put aside goes back to the account. */
export function refusedWrites(
  tableName: string,
  payout: PayoutOrder,
  refused: { readonly reason: string; readonly createdAt: string },
): readonly LedgerWrite[] {
  return [
    ...settleWrites(tableName, payout, { status: "refused", ...refused }),
    credit(tableName, postingOf(payout)),
  ];
}

/**
 * Why the ledger does not reserve the amount.
 *
 * @param refused which of `reserveWrites` was refused.
 * @returns `undefined` if the account is not the reason.
 */
export function reserveRefusal(
  { index, item }: Refused,
  order: Omit<PayoutOrder, "id">,
): LedgerRefusal | undefined {
  return index === 0 ? debitRefusal(item, postingOf(order), order.holder) : undefined;
}

/** Consistent, so that who has just been answered finds it. */
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
        // What is not put aside can be neither paid nor given back.
        ConditionExpression: "attribute_exists(#id)",
        ExpressionAttributeNames: { "#id": "id" },
      },
    },
    putNew(tableName, { id: payoutKey(id), ...order, ...settlement }),
  ];
}

function postingOf({ from, amountMinor, currency }: Omit<PayoutOrder, "id">): Posting {
  return { account: from, amountMinor, currency };
}

function reservationKey(id: string): string {
  return `reservation/${id}`;
}

function payoutKey(id: string): string {
  return `payout/${id}`;
}
