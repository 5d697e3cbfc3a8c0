import type { BankPayment } from "../../local/demo/bank.ts";

/** The routes of the sample, by the API whose promises they keep. */
export type ApiName =
  | "ietf"
  | "dwolla"
  | "orzcash"
  | "gluwa"
  | "stripe"
  | "dfns transfer"
  | "dfns transaction";

/** What a client wants. */
export interface Order {
  /**
   * Names the order wherever it shows: it is the amount, in minor units, or the data of a
   * transaction. No two orders have the same, so nothing that is done needs a key to be recognised.
   */
  readonly mark: number;
  /** `unaffordable`: the account does not hold it. `malformed`: validation refuses it. */
  readonly kind: "proper" | "unaffordable" | "malformed";
}

/** An answer as a client sees it. */
export interface ClientAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
}

/** One request of a client. */
export interface Attempt {
  readonly order: Order;
  /** Milliseconds since the run began. */
  readonly sentMs: number;
  readonly endedMs: number;
  /** `undefined` = the client has not heard anything. */
  readonly answer: ClientAnswer | undefined;
  /** It was the client's last, when all faults had ended. */
  readonly isLast: boolean;
}

/** What clients saw of one key of one tenant at one API. */
export interface KeyHistory {
  readonly api: ApiName;
  readonly tenant: string;
  readonly key: string;
  /** The first is what the key is for; others come from clients that use it for something else. */
  readonly orders: readonly Order[];
  readonly attempts: Attempt[];
}

/** An item of the ledger, in plain values. */
export type LedgerItem = { readonly id: string } & Readonly<Record<string, unknown>>;

/** What is there when everything has ended. */
export interface FinalState {
  readonly ledger: readonly LedgerItem[];
  /** The idempotency records, in plain values. */
  readonly records: readonly LedgerItem[];
  readonly payments: readonly BankPayment[];
  /** What each account held before, in minor units. */
  readonly initialMinor: Readonly<Record<string, number>>;
}
