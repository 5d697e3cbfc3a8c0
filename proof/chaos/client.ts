import { setTimeout as delay } from "node:timers/promises";
import type { Sample } from "../../local/demo/sample.ts";
import type { Random } from "../kit/random.ts";
import { REQUESTS } from "./apis.ts";
import { type EncodingName, encode } from "./encodings.ts";
import type { ClientResponse, KeyHistory, Order } from "./history.ts";
import type { Visit } from "./plan.ts";
import { PROMISES } from "./promises.ts";

/** The clients of one run. */
export interface Clients {
  /** Plays a client's visit to a key, as long as the run is not over. */
  visit(visit: Visit): Promise<void>;
  /** Sends each order of a key until it is answered, after the faults have ended. */
  askLast(history: KeyHistory): Promise<void>;
  /** The number of requests that were sent. */
  requestCount(): number;
}

/** The time of a run. */
export interface RunTime {
  /** Milliseconds since the run began. */
  readonly sinceStart: () => number;
  /** Whether clients send no more new orders. */
  readonly isOver: () => boolean;
}

const FIRST_BACKOFF_MS = 40;
const LONGEST_BACKOFF_MS = 800;
const LAST_TIMEOUT_MS = 20_000;

/** Together longer than a lease: on a busy machine a request may time out after the faults, too. */
const LAST_TRIES = 8;
const LAST_BACKOFF_MS = 2_000;

/** Prepares clients, which retry as clients of payment APIs do: the same key, the same body, later. */
export function createClients(
  { cloud, holders }: Sample,
  random: Random,
  { sinceStart, isOver }: RunTime,
): Clients {
  let requestCount = 0;

  async function sendAttempt(
    history: KeyHistory,
    order: Order,
    encoding: EncodingName,
    timeoutMs: number,
    isLast: (isAnswered: boolean) => boolean,
  ): Promise<boolean> {
    const sentMs = sinceStart();
    requestCount += 1;
    const response = await send(history, order, encoding, timeoutMs);
    const isAnswered =
      response !== undefined && PROMISES[history.api].readMeaning(response) !== "again";
    const attempt = { order, sentMs, endedMs: sinceStart(), response, isLast: isLast(isAnswered) };
    history.attempts.push(attempt);
    return isAnswered;
  }

  async function send(
    { api, tenant, key }: KeyHistory,
    order: Order,
    encoding: EncodingName,
    timeoutMs: number,
  ): Promise<ClientResponse | undefined> {
    const [from, to] =
      tenant === holders.alice.holder ? [holders.alice, holders.bob] : [holders.bob, holders.alice];
    const request = REQUESTS[api](order, key, { from, to });
    const { path, headers, body } = encode(encoding, request);
    try {
      const response = await fetch(`${cloud.url}${path}`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${from.token}` },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      return { status: response.status, location: response.headers.get("location"), text };
    } catch {
      return undefined;
    }
  }

  async function askUntilAnswered(history: KeyHistory, order: Order): Promise<void> {
    for (let triesLeft = LAST_TRIES; triesLeft > 0; triesLeft -= 1) {
      const isLast = (isAnswered: boolean) => isAnswered || triesLeft === 1;
      if (await sendAttempt(history, order, "plain", LAST_TIMEOUT_MS, isLast)) return;
      await delay(LAST_BACKOFF_MS);
    }
  }

  return {
    async visit({ history, order, encoding, startAfterMs, timeoutMs, patience, repeats }) {
      await delay(startAfterMs);
      let backoffMs = FIRST_BACKOFF_MS;
      let repeatsLeft = repeats;
      for (let attempt = 1; attempt <= patience && !isOver(); attempt += 1) {
        const isAnswered = await sendAttempt(history, order, encoding, timeoutMs, () => false);
        if (isAnswered && repeatsLeft === 0) return;
        if (isAnswered) repeatsLeft -= 1;
        await delay(random.integer(backoffMs / 2, backoffMs));
        backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      }
    },
    async askLast(history) {
      for (const order of history.orders) await askUntilAnswered(history, order);
    },
    requestCount: () => requestCount,
  };
}
