/** A client's request: this amount from an account to a beneficiary at another bank. */
export interface PayoutRequest {
  /** The account to debit, such as `acc_alice`. */
  readonly from: string;
  /** A positive whole number of the currency's minor units (cents). */
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** The account at another bank, such as `DE89370400440532013000`. */
  readonly beneficiary: string;
}

/** A payout on its way. */
export interface PayoutOrder extends PayoutRequest {
  readonly id: string;
  /** The holder of the account to debit. */
  readonly holder: string;
}

/** A payout that the bank has made. */
export interface Payout extends PayoutOrder {
  /** The bank's id of the payment. */
  readonly paymentId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** A payout as its holder sees it later, with the bank's answer. */
export type SettledPayout = PayoutRequest & { readonly id: string; readonly createdAt: string } & (
    | { readonly status: "paid"; readonly paymentId: string }
    | { readonly status: "refused"; readonly reason: string }
  );

/** Whether a text has the form of a payout's id. No other text is worth a read. */
export function isPayoutId(text: string): boolean {
  return /^po_[\w-]{43}$/.test(text);
}

/** The id of the payout under a downstream key. */
export function payoutId(downstreamKey: string): string {
  return `po_${downstreamKey}`;
}
