import type { BankPayment } from "../../../local/demo/bank.ts";

/** The source queues of a run, each with a dead-letter queue. */
export const QUEUE_NAMES = ["start", "start.fifo", "commit", "commit.fifo"] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];

/** A payment that a message asks for. Two orders under one id are a mismatch: one of them may happen. */
export interface QueueOrder {
  readonly id: string;
  /** Its amount in minor units; no two orders of a run have the same, so an effect names its order. */
  readonly mark: number;
  readonly queue: QueueName;
  /** The account; in a FIFO queue also the message group. */
  readonly group: string;
  readonly effect: "ledger" | "bank";
  /** `unreadable`: no JSON. `failing`: the handler throws. `unaffordable`: the account holds less. */
  readonly kind: "proper" | "unreadable" | "failing" | "unaffordable";
  readonly slowMs: number;
}

/** An event in the life of a message. */
export type MessageEvent = { readonly atMs: number } & (
  | { readonly kind: "delivered" }
  /** The consumer has reported no failure. `hasEffect`: the effect could be seen at that moment. */
  | { readonly kind: "acknowledged"; readonly hasEffect: boolean }
  | { readonly kind: "returned" }
  | { readonly kind: "redriven" }
);

/** A message as the producer sent it: one of several for one order, if the producer sends it again. */
export interface SentMessage {
  /** Counts the messages of a run, in the order in which they were sent. */
  readonly number: number;
  readonly order: QueueOrder;
  readonly sentMs: number;
  readonly events: MessageEvent[];
}

/** An account with the account that gets its money. */
export interface GroupBooks {
  readonly group: string;
  readonly balanceMinor: number;
  readonly counterpartMinor: number;
  /** The marks of the orders that were booked, in their order. */
  readonly entries: readonly number[];
}

/** Everything that is left when the run has ended. */
export interface QueueFinal {
  readonly books: readonly GroupBooks[];
  /** The payments of the bank, in their order. */
  readonly payments: readonly Pick<BankPayment, "account" | "amountMinor">[];
  /** The numbers of the messages in dead-letter queues. */
  readonly dead: ReadonlySet<number>;
  /** The numbers of the messages in the source queues. */
  readonly waiting: ReadonlySet<number>;
}

/** The balance of each account before the run, in minor units. */
export const FUNDS_MINOR = 10 ** 9;
