import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DueClaim } from "../dynamodb/abandoned.ts";
import { duePartitions, type SetAside } from "../dynamodb/due-partition.ts";
import { type DueRecords, dueRecords, type Patiently } from "../dynamodb/due-records.ts";
import type { Item } from "../dynamodb/item.ts";
import { type LayoutOptions, tableLayout } from "../dynamodb/layout.ts";
import { completionEvent } from "../http/surface/completion-event.ts";
import { type CompleterBounds, judgeAbandoned } from "./judge-abandoned.ts";

/** A function with requests to finish. */
export interface CompletedFunction {
  /** The stable name under which its claims are found, as a rule its service. */
  readonly name: string;
  /** The ARN to invoke, with its alias or version. */
  readonly arn: string;
  /** The name of the Lambda function, under which claims of version 1 are found. */
  readonly functionName: string;
}

/** The tools of a completer. */
export interface CompleterTools extends CompleterBounds {
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
  readonly invoke: (arn: string, event: string) => Promise<void>;
  /** Whether there is time to begin with another record. */
  readonly hasTime: () => boolean;
  /** Called with each error that kept a record from being finished. */
  readonly onError: (error: unknown) => void;
  /** Called for each record that needs an operator, once for each time it is set aside. */
  readonly onSetAside: (as: SetAside, recordId: string) => void;
  /** Called once at the end, also if the records could not all be listed. */
  readonly onCounts: (counts: CompleterCounts) => void;
}

/** The numbers of a function's abandoned requests, by how they ended. */
export interface CompleterCounts {
  /** They have ended, with a response. */
  readonly completed: number;
  /** Nothing had begun under their claims. */
  readonly released: number;
  /** They could not be finished: their outcome is now UNKNOWN. */
  readonly unknown: number;
  /**
   * The attempt did not finish them, and another will follow. A rejection by the handler counts
   * here too: the dead execution may have begun work that this attempt does not know.
   */
  readonly unfinished: number;
  /** They wait for an operator or their client, whenever they were marked. */
  readonly stuck: number;
}

type Fate = Exclude<keyof CompleterCounts, "stuck"> | "counted elsewhere";

/**
 * Finishes the requests that the clients of a function no longer repeat, if they have begun. It
 * invokes the function again with the stored event, or sets the record aside for an operator. A claim
 * under which nothing has begun is released.
 *
 * Safe beside clients and other completers: the function claims before it does anything, and each
 * write here is conditional on the owner and the fence that were read.
 *
 * @throws if the records could not all be listed.
 */
export async function completeAbandoned(
  tools: CompleterTools,
  target: CompletedFunction,
): Promise<void> {
  const { client, tableName, layout, patiently = (send) => send() } = tools;
  const table = tableLayout("IdempotencyCompleter", tableName, layout);
  const work: Work = { ...tools, target, records: dueRecords(client, table, patiently) };
  const counts = { completed: 0, released: 0, unknown: 0, unfinished: 0, stuck: 0 };
  const ids = dueIds(work);
  try {
    await finishAll(Array.from({ length: CONCURRENCY }, settleOneByOne));
    counts.stuck = await work.records.countStuck(target.name);
  } finally {
    // An outcome that was given up must not go uncounted.
    tools.onCounts(counts);
  }

  /** A slow record holds up no other. */
  async function settleOneByOne(): Promise<void> {
    do {
      const next = await ids.next();
      if (next.done) return;
      const fate = await settleSafely(work, next.value);
      if (fate !== "counted elsewhere") counts[fate] += 1;
    } while (tools.hasTime());
  }
}

interface Work extends CompleterTools {
  readonly target: CompletedFunction;
  readonly records: DueRecords;
}

/** The number of records in work at once, and the number on one page of the index. */
const CONCURRENCY = 10;

async function* dueIds({ records, now, target }: Work): AsyncGenerator<string, undefined> {
  const nowMs = now();
  for (const partition of duePartitions(target.name, target.functionName)) {
    let startKey: Item | undefined;
    do {
      const { ids, nextKey } = await records.page(partition, nowMs, CONCURRENCY, startKey);
      yield* ids;
      startKey = nextKey;
    } while (startKey !== undefined);
  }
}

/** Waits for all, and rejects then with the first error. */
async function finishAll(lanes: readonly Promise<void>[]): Promise<void> {
  for (const lane of await Promise.allSettled(lanes)) {
    if (lane.status === "rejected") throw lane.reason;
  }
}

/** A record that cannot be finished must not keep the others from it. */
async function settleSafely(work: Work, id: string): Promise<Fate> {
  try {
    return await settle(work, id);
  } catch (error) {
    work.onError(error);
    return "unfinished";
  }
}

async function settle(work: Work, id: string): Promise<Fate> {
  const { records, target, now, onSetAside } = work;
  const found = await records.find(id);
  const nowMs = now();
  // The index lags: its client may have come back, or another completer was faster.
  if (found === undefined || found.leaseUntilMs > nowMs || found.dueMs > nowMs) {
    return "counted elsewhere";
  }
  switch (judgeAbandoned(found, work, nowMs)) {
    case "release":
      return (await records.release(found, nowMs)) ? "released" : "counted elsewhere";
    case "give up":
      if (!(await records.giveUp(found, target.name, nowMs))) return "counted elsewhere";
      onSetAside("unknown", id);
      return "unknown";
    case "mark stuck":
      if (await records.markStuck(found, target.name, nowMs)) onSetAside("stuck", id);
      return "counted elsewhere";
    case "invoke":
      return attempt(work, found);
  }
}

async function attempt(work: Work, claim: DueClaim): Promise<Fate> {
  const { records, target, now, invoke, onError } = work;
  const { id, event = "" } = claim;
  const attempts = claim.attempts + 1;
  const pauseMs = pauseAfterMs(attempts);
  const startedMs = now();
  const isFirst = await records.beginAttempt(claim, startedMs, startedMs + pauseMs);
  if (!isFirst) return "counted elsewhere";
  try {
    await invoke(target.arn, completionEvent(event, claim));
  } catch (error) {
    // The record says how the attempt ended, even if the invocation's result is unknown.
    onError(error);
  }
  const remaining = await records.find(id);
  if (remaining === undefined) return "completed";
  // After the last attempt the record is marked as stuck, and there is nothing to wait for.
  const dueMs = now() + (attempts < work.maxAttempts ? pauseMs : 0);
  await records.postpone(remaining, Math.max(remaining.leaseUntilMs, dueMs));
  return "unfinished";
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 60 * 60 * 1000;

/** A minute, and twice as long after each attempt, up to six hours. */
function pauseAfterMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
}
