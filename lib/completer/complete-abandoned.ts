import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DueClaim } from "../dynamodb/abandoned.ts";
import { type DueRecords, dueRecords, type Patiently } from "../dynamodb/due-records.ts";
import type { Item } from "../dynamodb/item.ts";
import { type LayoutOptions, tableLayout } from "../dynamodb/layout.ts";
import { completionEvent } from "../invocation/completion-event.ts";

/** What a completer works with. */
export interface CompleterTools {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** How records are laid out in the table, where it was not made for them alone. */
  readonly layout?: LayoutOptions;
  /**
   * Sends a request again while DynamoDB refuses it for now.
   * @default each request is sent once
   */
  readonly patiently?: Patiently;
  readonly now: () => number;
  /** Invokes a function and waits for its end, whatever that is. */
  readonly invoke: (functionName: string, event: string) => Promise<void>;
  /** Whether there is time to begin with another record. */
  readonly hasTime: () => boolean;
  /** Told about what kept a record from being finished. */
  readonly onError: (error: unknown) => void;
}

/** What became of the abandoned requests of a function. */
export interface CompleterCounts {
  /** They have ended, with an answer. */
  readonly completed: number;
  /** Nobody could finish them: their outcome is UNKNOWN now. */
  readonly unknown: number;
  /**
   * The attempt to finish them did not; there will be another. It does not when its handler rejects
   * either: what the execution that died had begun is not known.
   */
  readonly unfinished: number;
}

type Fate = keyof CompleterCounts | "alive";

/**
 * Finishes what the clients of a function have not come back for: invokes it again with the stored
 * event, or marks the outcome as UNKNOWN where there is none.
 *
 * Safe beside clients and other completers: the function claims before it does anything, and each
 * write here is conditional on the owner that was seen.
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

/** How many records are worked on at once. */
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

/** One record that cannot be finished must not keep the others from it. */
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
  // What becomes of it stands in the record, also where nobody could say what the function did.
  await invoke(functionName, completionEvent(found.event, id)).catch(onError);
  return afterAttempt(work, found);
}

async function afterAttempt({ records, now }: Work, { id, attempts }: DueClaim): Promise<Fate> {
  const left = await records.find(id);
  if (left === undefined) return "completed";
  const tried = attempts + 1;
  const dueMs = Math.max(left.leaseUntilMs, now() + pauseMs(tried));
  await records.postpone(left, tried, dueMs);
  return "unfinished";
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 60 * 60 * 1000;

/** A minute, and twice as long after each attempt, up to six hours. */
function pauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
}
