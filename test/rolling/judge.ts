import type { Payment } from "./ledger.ts";

/** A payment, by the account that it was made from. */
export interface Paid extends Payment {
  readonly account: string;
}

/** A final refusal that a client has heard. */
export interface Refused {
  readonly key: string;
  readonly event: number;
}

/** The same key is another request after the end of its record; clocks and leases blur that end. */
const BLUR_MS = 30 * 60_000;

/**
 * Judges the payments of one key: one at most while its record lives, and none by an execution that was
 * under way when the client heard that the request is refused.
 *
 * @param windowMs how long a record lives.
 */
export function judgePayments(
  paid: readonly Paid[],
  refused: readonly Refused[],
  key: string,
  windowMs: number,
): readonly string[] {
  const violations: string[] = [];
  for (const account of [key, `bank ${key}`]) {
    // One downstream key is one payment, however often it is sent.
    const first = new Map<string, Paid>();
    for (const payment of paid) {
      if (payment.account !== account) continue;
      if (account === key && first.has(payment.id)) violations.push(`${payment.id} paid twice`);
      if (!first.has(payment.id)) first.set(payment.id, payment);
    }
    let before: Paid | undefined;
    for (const payment of first.values()) {
      if (before !== undefined && payment.atMs - before.atMs < windowMs - BLUR_MS) {
        violations.push(`${account}: ${before.id}, and ${payment.id} within its time`);
      }
      before = payment;
    }
  }
  for (const payment of paid) {
    const { account, id, began = 0, event = 0 } = payment;
    const denied = refused.find((one) => one.key === key && began < one.event && one.event < event);
    if (account === key && denied) violations.push(`${id} paid after a refusal at ${denied.event}`);
  }
  return violations;
}
