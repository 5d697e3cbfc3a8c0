import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DueClaim } from "../dynamodb/abandoned.ts";
import { type DueRecords, dueRecords, type Patiently } from "../dynamodb/due-records.ts";
import type { Item } from "../dynamodb/item.ts";
import { type LayoutOptions, tableLayout } from "../dynamodb/layout.ts";
import { completionEvent } from "../invocation/completion-event.ts";

/** The tools of a completer. */
export interface CompleterTools {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The layout of records in the table, if it was not made for them alone. */
  readonly layout?: LayoutOptions;
  /**
   * Sends a request again while DynamoDB refuses it for now.
   * @default each request is sent once
   */
  readonly patiently?: Patiently;
  readonly now: () => number;
  /** Invokes a function and waits for its end, a success or not. */
  readonly invoke: (functionName: string, event: string) => Promise<void>;
  /** Whether there is time to begin with another record. */
  readonly hasTime: () => boolean;
  /** Called with each error that kept a record from being finished. */
  readonly onError: (error: unknown) => void;
}

/** The numbers of a function's abandoned requests, by how they ended. */
export interface CompleterCounts {
  /** They have ended, with a response. */
  readonly completed: number;
  /** They could not be finished: their outcome is now UNKNOWN. */
  readonly unknown: number;
  /**
   * The attempt did not finish them, and another will follow. A rejection by the handler counts
   * here too: the dead execution may have begun work that this attempt does not know.
   */
  readonly unfinished: number;
}

type Fate = keyof CompleterCounts | "alive";

/**
 * Finishes the requests that the clients of a function no longer repeat. It invokes the function
 * again with the stored event, or marks the outcome as UNKNOWN if there is none.
 *
 * Safe beside clients and other completers: the function claims before it does anything, and each
 * write here is conditional on the owner that was read.
 */
export async function completeAbandoned(
  tools: CompleterTools,
  functionName: string,
): Promise<CompleterCounts> {
  const { client, tableName, layout, patiently = (send) => send() } = tools;
  const table = tableLayout("IdempotencyCompleter", tableName, layout);
  const work: Work = { ...tools, records: dueRecords(client, table, patiently) };
  const counts = { completed: 0, unknown: 0, unfinished: 0 };
  for await (const ids of duePages(work, functionName)) {
    const fates = await Promise.all(ids.map((id) => settleSafely(work, functionName, id)));
    for (const fate of fates) {
      if (fate !== "alive") counts[fate] += 1;
    }
  }
  return counts;
}

interface Work extends CompleterTools {
  readonly records: DueRecords;
}

/** The number of records in work at once. */
const BATCH = 10;

async function* duePages(
  { records, now, hasTime }: Work,
  functionName: string,
): AsyncGenerator<readonly string[]> {
  const nowMs = now();
  let startKey: Item | undefined;
  do {
    const { ids, nextKey } = await records.page(functionName, nowMs, BATCH, startKey);
    yield ids;
    startKey = nextKey;
  } while (startKey !== undefined && hasTime());
}

/** A record that cannot be finished must not keep the others from it. */
async function settleSafely(work: Work, functionName: string, id: string): Promise<Fate> {
  try {
    return await settle(work, functionName, id);
  } catch (error) {
    work.onError(error);
    return "unfinished";
  }
}

async function settle(work: Work, functionName: string, id: string): Promise<Fate> {
  const { records, now, invoke, onError } = work;
  const found = await records.find(id);
  if (found === undefined || found.leaseUntilMs > now()) return "alive";
  if (found.event === undefined) {
    return (await records.giveUp(found, now())) ? "unknown" : "alive";
  }
  // The record says how the attempt ended, even if the invocation's result is unknown.
  await invoke(functionName, completionEvent(found.event, id)).catch(onError);
  return judgeAttempt(work, found);
}

async function judgeAttempt({ records, now }: Work, { id, attempts }: DueClaim): Promise<Fate> {
  const remaining = await records.find(id);
  if (remaining === undefined) return "completed";
  const attemptsMade = attempts + 1;
  const dueMs = Math.max(remaining.leaseUntilMs, now() + pauseMs(attemptsMade));
  await records.postpone(remaining, attemptsMade, dueMs);
  return "unfinished";
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 60 * 60 * 1000;

/** A minute, and twice as long after each attempt, up to six hours. */
function pauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
}
