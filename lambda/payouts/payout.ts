/** What a client asks for: this amount from an account to somebody at another bank. */
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
  /** Whose account is debited. */
  readonly holder: string;
}

/** A payout that the bank has made. */
export interface Payout extends PayoutOrder {
  /** The bank's own name for the payment. */
  readonly paymentId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** A payout as its holder sees it later: what the bank said stands in it. */
export type SettledPayout = PayoutRequest & { readonly id: string; readonly createdAt: string } & (
    | { readonly status: "paid"; readonly paymentId: string }
    | { readonly status: "refused"; readonly reason: string }
  );

/** Whether this can be the id of a payout; what cannot is not looked for. */
export function isPayoutId(text: string): boolean {
  return /^po_[\w-]{43}$/.test(text);
}

/** The id of the payout that is made for a downstream key. */
export function payoutId(downstreamKey: string): string {
  return `po_${downstreamKey}`;
}
