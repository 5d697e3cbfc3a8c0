/** What a client asks for: this amount from one account to another. */
export interface TransferRequest {
  /** The account to debit, such as `acc_alice`. */
  readonly from: string;
  /** The account to credit. */
  readonly to: string;
  /** A positive whole number of the currency's minor units (cents). */
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** A transfer that has happened. */
export interface Transfer extends TransferRequest {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Whether a transfer is what this request asks for. */
export function isTransferOf(request: TransferRequest, transfer: Transfer): boolean {
  return (
    transfer.from === request.from &&
    transfer.to === request.to &&
    transfer.amountMinor === request.amountMinor &&
    transfer.currency === request.currency
  );
}

/** Whether this can be the id of an account at all. */
export function isAccountId(value: unknown): value is string {
  return typeof value === "string" && /^acc_[A-Za-z0-9]{1,64}$/.test(value);
}

/** The id of the transfer that is made for a downstream key. */
export function transferId(downstreamKey: string): string {
  return `tr_${downstreamKey}`;
}

/** Whether this can be the id of a transfer at all. */
export function isTransferId(value: string): boolean {
  return /^tr_[\w-]{43}$/.test(value);
}
