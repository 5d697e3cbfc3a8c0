import { randomUUID } from "node:crypto";

/** A client's request: this amount from one account to another. */
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

/** A transfer with its id: one that has happened, unless a status says otherwise. */
export interface Transfer extends TransferRequest {
  readonly id: string;
  /** When it was made or accepted. ISO 8601, UTC. */
  readonly createdAt: string;
}

/** How far an accepted transfer has come. */
export type TransferStatus =
  /** It waits in the queue. */
  | { readonly status: "pending" }
  /** The money has moved. */
  | { readonly status: "made" }
  /** The ledger has refused it, for good, with the code of the problem. */
  | { readonly status: "refused"; readonly reason: string };

/** A transfer as its holder sees it later. Without a status it was made at once. */
export type KnownTransfer = Transfer & (TransferStatus | { readonly status?: never });

/** Whether a value has the form of an account's id. */
export function isAccountId(value: unknown): value is string {
  return typeof value === "string" && /^acc_[A-Za-z0-9]{1,64}$/.test(value);
}

/** A transfer requested now, with an id of its own. */
export function newTransfer({ from, to, amountMinor, currency }: TransferRequest): Transfer {
  const createdAt = new Date().toISOString();
  return { id: toTransferId(randomUUID()), from, to, amountMinor, currency, createdAt };
}

/** The id of a transfer that another API identifies by a UUID. */
export function toTransferId(uuid: string): string {
  return `tr_${uuid}`;
}

/** The UUID in the id of a transfer. */
export function toUuid({ id }: Transfer): string {
  return id.slice("tr_".length);
}

/** Whether a text has the form of a transfer's id. */
export function isTransferId(value: string): boolean {
  return /^tr_[0-9a-f-]{36}$/.test(value);
}
