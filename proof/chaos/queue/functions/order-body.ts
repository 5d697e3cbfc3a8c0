/** The body of a message, as the producer writes it. */
export interface OrderBody {
  readonly orderId: string;
  /** The account that is debited; in a FIFO queue also the message group. */
  readonly account: string;
  readonly amountMinor: number;
  /** A transaction in the ledger, or a payment by a bank outside of DynamoDB. */
  readonly effect: "ledger" | "bank";
  /** The time that the handler takes before the effect. */
  readonly slowMs: number;
  /** Whether the handler throws before the effect. */
  readonly fails: boolean;
}

/** @throws SyntaxError for a body that is no JSON. */
export function readOrder(body: string): OrderBody {
  return JSON.parse(body);
}
