import type { BankPayment } from "../../local/demo/bank.ts";
import type { TableItem } from "./table-items.ts";

/** The routes of the sample, named by the API whose promises they keep. */
export type ApiName =
  | "ietf"
  | "dwolla"
  | "orzcash"
  | "gluwa"
  | "stripe"
  | "dfns transfer"
  | "dfns transaction";

/** A payment that a client asks for. */
export interface Order {
  /**
   * Identifies the order in every item: the amount, in minor units, or the data of a transaction. No
   * two orders have the same mark, so an effect is recognised without its key.
   */
  readonly mark: number;
  /** `unaffordable`: the account holds less. `malformed`: validation refuses the order. */
  readonly kind: "proper" | "unaffordable" | "malformed";
}

/** A response as a client sees it. */
export interface ClientResponse {
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
  /** `undefined` = the client got no response. */
  readonly response: ClientResponse | undefined;
  /** Whether it was the client's last one, after all faults had ended. */
  readonly isLast: boolean;
}

/** The requests and responses of one key of one tenant at one API. */
export interface KeyHistory {
  readonly api: ApiName;
  readonly tenant: string;
  readonly key: string;
  /** The first order is the key's own; the others come from clients that misuse the key. */
  readonly orders: readonly Order[];
  readonly attempts: Attempt[];
}

/** An item of the ledger. */
export type LedgerItem = TableItem;

/** The items and payments when everything has ended. */
export interface FinalState {
  readonly ledger: readonly LedgerItem[];
  /** The idempotency records, in plain values. */
  readonly records: readonly LedgerItem[];
  readonly payments: readonly BankPayment[];
  /** The balance of each account before the run, in minor units. */
  readonly initialMinor: Readonly<Record<string, number>>;
}
