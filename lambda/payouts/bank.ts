/** A payment to ask the bank for. */
export interface Payment {
  /** The account at another bank to credit. */
  readonly account: string;
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** The bank's answer. Every request under the same key gets the same answer. */
export type BankAnswer =
  | { readonly kind: "paid"; readonly paymentId: string }
  | { readonly kind: "refused"; readonly reason: string };

/** The bank's answer leaves open whether it has paid. */
export class BankUnclearError extends Error {
  override readonly name = "BankUnclearError";
}

/**
 * Asks the bank to pay. The bank pays once for each key.
 *
 * @param limits.signal aborted once no caller waits for the answer.
 * @throws BankUnclearError, or the error of `fetch`. Any error leaves open whether the bank has paid;
 *   the same call again, with the same key, tells.
 */
export async function pay(
  bankUrl: string,
  payment: Payment,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<BankAnswer> {
  const response = await fetch(new URL("/payments", bankUrl), {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(payment),
    signal,
  });
  const text = await response.text();
  const { paymentId, refusal } = parse(text);
  if (response.status === 201 && typeof paymentId === "string") return { kind: "paid", paymentId };
  // A status alone is no refusal: money goes back only if the bank itself says that it will not pay.
  const isClientError = response.status >= 400 && response.status < 500;
  if (isClientError && typeof refusal === "string") return { kind: "refused", reason: refusal };
  throw new BankUnclearError(
    `The bank answered ${response.status} ${JSON.stringify(text.slice(0, 200))}; expected 201 with a paymentId, or 4xx with a refusal. Ask again with the same key.`,
  );
}

function parse(text: string): { readonly paymentId?: unknown; readonly refusal?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
