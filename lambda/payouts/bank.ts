/** What the bank is asked to pay. */
export interface Payment {
  /** The account at another bank that is credited. */
  readonly account: string;
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** What the bank said, and will say again to whoever asks under the same key. */
export type BankAnswer =
  | { readonly kind: "paid"; readonly paymentId: string }
  | { readonly kind: "refused"; readonly reason: string };

/** The bank has not said, or not clearly enough, whether it has paid. */
export class BankUnclearError extends Error {
  override readonly name = "BankUnclearError";
}

/**
 * Asks the bank to pay, which it does once for each key.
 *
 * @param limits.signal aborted when nobody waits for the answer any more.
 * @throws BankUnclearError, or whatever `fetch` throws. Any error leaves open whether it has paid;
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
  // A status alone refuses nothing: only the bank's own word that it will not pay gives money back.
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
