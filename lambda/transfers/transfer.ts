import { randomUUID } from "node:crypto";

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

/** Whether this can be the id of an account at all. */
export function isAccountId(value: unknown): value is string {
  return typeof value === "string" && /^acc_[A-Za-z0-9]{1,64}$/.test(value);
}

/** A transfer that is asked for now, with an id that no other one has. */
export function newTransfer({ from, to, amountMinor, currency }: TransferRequest): Transfer {
  const createdAt = new Date().toISOString();
  return { id: transferIdOf(randomUUID()), from, to, amountMinor, currency, createdAt };
}

/** The id of the transfer that another API knows by a UUID. */
export function transferIdOf(uuid: string): string {
  return `tr_${uuid}`;
}

/** The UUID in the id of a transfer. */
export function uuidOf({ id }: Transfer): string {
  return id.slice("tr_".length);
}

/** Whether this can be the id of a transfer at all. */
export function isTransferId(value: string): boolean {
  return /^tr_[0-9a-f-]{36}$/.test(value);
}
