import type { StoreError } from "../errors.ts";
import { callOptions, type KeyedRequest, type Tools } from "./execution.ts";
import type { CallOptions } from "./store.ts";

/** Milliseconds for which a request is sent again, if the end of the invocation is not known. */
const UNKNOWN_BUDGET_MS = 10_000;
const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 800;

/** The tools that measure and draw the waits between two sends. */
export type PatienceTools = Pick<Tools, "clock" | "randomUUID" | "leaseMarginMs">;

/** The invocation that waits. */
export type Invocation = Pick<KeyedRequest, "remainingMs"> & { readonly tools: PatienceTools };

/**
 * Sends a request again while there is time, if the store cannot carry it out now or has failed.
 * Every write is conditional and names its owner, so the next send recognises a copy that was
 * applied after all.
 *
 *     COMPLETE ── throttled ── (25 ms) ── throttled ── (50 ms) ── … ── applied: one effect
 *
 * Given up at the first refusal, the effect would have no record, and a retry would repeat it.
 *
 * @throws the last error of `send`, once there is no time left or another send would not help.
 */
export async function patiently<Output>(
  invocation: Invocation,
  send: (options: CallOptions) => Promise<Output>,
): Promise<Output> {
  let wait: (() => Promise<boolean>) | undefined;
  for (;;) {
    try {
      return await send(callOptions(invocation));
    } catch (error) {
      wait ??= patience(invocation);
      if (!isForNow(error) || !(await wait())) throw error;
    }
  }
}

/**
 * The waits between the sends of one request. Each is a random part of a limit that doubles, so
 * that two requests that collide do not collide for ever.
 *
 * @returns a function that waits, and resolves to whether there is time for another send.
 */
export function patience({ tools, remainingMs }: Invocation): () => Promise<boolean> {
  const { clock, randomUUID, leaseMarginMs } = tools;
  const giveUpAtMs = clock.now() + (remainingMs() ?? UNKNOWN_BUDGET_MS) - leaseMarginMs;
  // The clock may differ from the platform's, and a frozen process finds its time gone.
  const leftMs = () =>
    Math.min(giveUpAtMs - clock.now(), (remainingMs() ?? Number.POSITIVE_INFINITY) - leaseMarginMs);
  let delayMs = FIRST_DELAY_MS;
  /** If both clocks stand still, the waits themselves are counted. */
  let patienceMs = giveUpAtMs - clock.now();
  return async () => {
    const waitMs = Math.floor(delayMs * jitter(randomUUID()));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    patienceMs -= Math.max(1, waitMs);
    if (waitMs >= leftMs() || patienceMs < 0) return false;
    await clock.sleep(waitMs);
    return leftMs() > 0;
  };
}

/** Whether the store has said that the same request may succeed when it is sent again. */
export function isForNow(error: unknown): boolean {
  const { name, failure } = (error ?? {}) as Partial<StoreError>;
  const mayPass = failure === "conflict" || failure === "throttled" || failure === "failed";
  return name === "IdempotencyStoreError" && mayPass;
}

/**
 * A number from 0 to 1, from the only source of randomness. It is 1 if an injected source gives no
 * hexadecimal text: a wait of NaN milliseconds would be no wait.
 */
function jitter(uuid: string): number {
  const drawn = Number.parseInt(uuid.slice(0, 8), 16) / 0xffffffff;
  return drawn >= 0 ? drawn : 1;
}
