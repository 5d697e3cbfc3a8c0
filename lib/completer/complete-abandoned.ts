import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { completionEvent } from "../completion-event.ts";
import {
  type DueClaim,
  dueClaimIn,
  dueRequest,
  postponeRequest,
  unknownRequest,
} from "../dynamodb/abandoned.ts";
import { readRequest } from "../dynamodb/expressions.ts";
import type { Item } from "../dynamodb/item.ts";

/** What a completer works with. */
export interface CompleterTools {
  readonly client: DynamoDBClient;
  readonly tableName: string;
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
  const counts = { completed: 0, unknown: 0, unfinished: 0 };
  for await (const ids of duePages(tools, functionName)) {
    const fates = await Promise.all(ids.map((id) => settleSafely(tools, functionName, id)));
    for (const fate of fates) {
      if (fate !== "alive") counts[fate] += 1;
    }
  }
  return counts;
}

/** How many records are worked on at once. */
const BATCH = 10;

async function* duePages(
  { client, tableName, now, hasTime }: CompleterTools,
  functionName: string,
): AsyncGenerator<readonly string[]> {
  const nowMs = now();
  let startKey: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({ ...dueRequest(tableName, functionName, nowMs, startKey), Limit: BATCH }),
    );
    yield (page.Items ?? []).flatMap(({ id }) => id?.S ?? []);
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined && hasTime());
}

/** One record that cannot be finished must not keep the others from it. */
async function settleSafely(
  tools: CompleterTools,
  functionName: string,
  id: string,
): Promise<Fate> {
  try {
    return await settle(tools, functionName, id);
  } catch (error) {
    tools.onError(error);
    return "unfinished";
  }
}

async function settle(tools: CompleterTools, functionName: string, id: string): Promise<Fate> {
  const { tableName, now, invoke, onError } = tools;
  const found = dueClaimIn(await read(tools, id));
  if (found === undefined || found.leaseUntilMs > now()) return "alive";
  if (found.event === undefined) {
    const isGivenUp = await write(tools, unknownRequest(tableName, found, now()));
    return isGivenUp ? "unknown" : "alive";
  }
  // What becomes of it stands in the record, also where nobody could say what the function did.
  await invoke(functionName, completionEvent(found.event, id)).catch(onError);
  return afterAttempt(tools, found);
}

async function afterAttempt(tools: CompleterTools, { id, attempts }: DueClaim): Promise<Fate> {
  const left = dueClaimIn(await read(tools, id));
  if (left === undefined) return "completed";
  const tried = attempts + 1;
  const dueMs = Math.max(left.leaseUntilMs, tools.now() + pauseMs(tried));
  await write(tools, postponeRequest(tools.tableName, left, tried, dueMs));
  return "unfinished";
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 60 * 60 * 1000;

/** A minute, and twice as long after each attempt, up to six hours. */
function pauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
}

async function read({ client, tableName }: CompleterTools, id: string): Promise<Item | undefined> {
  const { Item: item } = await client.send(new GetItemCommand(readRequest(tableName, id)));
  return item;
}

/** @returns whether it was applied; where it is not, somebody else was faster. */
async function write(
  { client }: CompleterTools,
  request: UpdateItemCommandInput,
): Promise<boolean> {
  try {
    await client.send(new UpdateItemCommand(request));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
