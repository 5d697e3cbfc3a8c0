import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Carried, Change, Database } from "../../lib/testing/engine/database.ts";
import { type AnyFault, plant } from "../kit/planted-faults.ts";
import type { DynamoDbRequest } from "../kit/record-updates.ts";
import type { Actor, PendingEvent } from "./pending-event.ts";
import { nameRequest } from "./request-name.ts";
import type { World } from "./world.ts";

/** The network between the functions and DynamoDB. */
export interface Network {
  readonly world: World;
  readonly engine: Database;
  /** Called with the changes of a request, and its sender. */
  readonly onChanges: (actor: Actor, changes: readonly Change[]) => void;
  /** Called for a request that is invalid for DynamoDB: its history proves nothing. */
  readonly onInvalid: (message: string) => void;
  /** The safeguard to remove. */
  readonly without?: AnyFault | undefined;
}

/** The attempts of the SDK, and its time-out for each. */
const MOST_ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/** The longest call that the store allows. After it, the SDK sends nothing again. */
const LONGEST_CALL_MS = 30_000;

/** AWS refuses a request that was signed longer ago. */
const SIGNATURE_MS = 15 * 60_000;

/**
 * A client like the SDK's, over a network that loses, delays and doubles messages. A request without
 * a response in time is sent again, and a request that was given up may still arrive.
 */
export function createClient(network: Network): DynamoDBClient {
  return { send: (command: Command) => send(network, command) } as unknown as DynamoDBClient;
}

interface Command {
  readonly input: object;
  /** The store asks here, before each attempt, whether the invocation has time. */
  readonly middlewareStack: {
    resolve(send: () => Promise<object>, context: object): (args: object) => Promise<unknown>;
  };
  readonly constructor: { readonly name: string };
}

async function send(network: Network, command: Command): Promise<object> {
  const operation = command.constructor.name.replace("Command", "");
  const request = { operation, input: command.input as DynamoDbRequest["input"] };
  const { without } = network;
  let output: object = {};
  for (const one of without === undefined ? [request] : plant(without, request)) {
    output = await transmit(network, one, () => ask(command));
  }
  return output;
}

/** @throws TimeoutError if the invocation has ended. */
async function ask({ middlewareStack }: Command): Promise<void> {
  await middlewareStack.resolve(async () => ({ output: {} }), {})({ request: {} });
}

async function transmit(
  network: Network,
  request: DynamoDbRequest,
  askForTime: () => Promise<void>,
): Promise<object> {
  const { world } = network;
  const actor = world.current();
  const untilMs = world.now() + LONGEST_CALL_MS;
  for (let attempts = 1; ; attempts += 1) {
    try {
      if (world.now() > untilMs) throw createError("TimeoutError");
      await askForTime();
    } catch (error) {
      noteLoss(actor, request);
      throw error;
    }
    const { output, error, isLast } = await attempt(network, actor, request);
    if (output !== undefined) return output();
    if (!isLast && attempts < MOST_ATTEMPTS) continue;
    noteLoss(actor, request);
    throw Object.assign(error ?? createError("TimeoutError"), { $metadata: { attempts } });
  }
}

/** The result of one attempt: DynamoDB's output, an error, or no response in time. */
interface AttemptResult {
  readonly output?: () => object;
  readonly error?: Error;
  /** Whether no other attempt follows. */
  readonly isLast: boolean;
}

async function attempt(
  network: Network,
  actor: Actor,
  request: DynamoDbRequest,
): Promise<AttemptResult> {
  const { world } = network;
  if (isEmptyPage(network, request)) return { output: () => ({}), isLast: true };
  const signedAtMs = world.now();
  const tell = (line: string) => world.tell(() => `${actor.name}: ${nameRequest(request)} ${line}`);
  const sent = await world.wait({ fates: listFates(request) });
  if (sent.fate === "refused") {
    tell("is refused, because DynamoDB is busy");
    // The SDK does not retry a cancelled transaction.
    const isLast = sent.isForGood || request.operation === "TransactWriteItems";
    return { error: createRefusal(request), isLast };
  }
  if (sent.fate === "happens" && hasExpired(network, signedAtMs)) {
    tell("is refused, because its signature has expired");
    return { error: createError("RequestExpired"), isLast: false };
  }
  let isLast = sent.isForGood;
  if (sent.fate === "lost" || sent.fate === "late") {
    tell(sent.fate === "lost" ? "is lost" : "does not arrive in time");
    if (sent.fate === "late")
      arriveLater(network, actor, request, { steps: sent.steps, signedAtMs });
  } else {
    const output = carryOut(network, actor, request, sent.fate === "stale");
    const received = await world.wait({ fates: ["lost", "killed"] });
    if (received.fate === "happens") return { output, isLast: true };
    tell("was carried out, but its response is lost");
    isLast = received.isForGood;
  }
  world.pass(isLast ? MOST_ATTEMPTS * TIMEOUT_MS : TIMEOUT_MS);
  if (isLast) {
    world.tell(() => `${actor.name} gives up`);
  }
  return { isLast };
}

/**
 * A page of the index is no event if it is empty: a completer asks for nine partitions, and would fill
 * the history with them.
 */
function isEmptyPage({ engine }: Network, { operation, input }: DynamoDbRequest): boolean {
  if (operation !== "Query") return false;
  const { output } = engine.carryOut(operation, input, false);
  return (output as { readonly Count?: number }).Count === 0;
}

function listFates({ operation }: DynamoDbRequest): PendingEvent["fates"] {
  if (operation === "Query") return ["lost", "refused"];
  return operation === "GetItem" ? ["lost", "stale", "refused"] : ["lost", "late", "refused"];
}

function arriveLater(
  network: Network,
  actor: Actor,
  request: DynamoDbRequest,
  { steps, signedAtMs }: { readonly steps: number; readonly signedAtMs: number },
): void {
  network.world.schedule({ order: actor.order, fates: [], steps }, () => {
    if (hasExpired(network, signedAtMs)) return;
    network.world.tell(() => `a late copy of ${actor.name}'s request arrives`);
    carryOut(network, actor, request);
  });
}

/** @returns a function that returns DynamoDB's output, or throws its error. */
function carryOut(
  network: Network,
  actor: Actor,
  request: DynamoDbRequest,
  isStale = false,
): () => object {
  const { world, engine, onChanges } = network;
  let carried: Carried;
  try {
    carried = engine.carryOut(request.operation, request.input, isStale);
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "ValidationException") network.onInvalid(`${nameRequest(request)}: ${message}`);
    world.tell(() => `${actor.name}: ${nameRequest(request)} gets ${name}`);
    return () => {
      throw error;
    };
  }
  world.tell(() => `${actor.name}: ${nameRequest(request)} is carried out`);
  onChanges(actor, carried.changes);
  return () => carried.output;
}

/** Without its FREE a claim may stay that no execution will ever end. */
function noteLoss(actor: Actor, request: DynamoDbRequest): void {
  actor.hasLostFree ||= nameRequest(request) === "FREE";
}

function hasExpired({ world }: Network, signedAtMs: number): boolean {
  return world.now() > signedAtMs + SIGNATURE_MS;
}

function createRefusal({ operation, input }: DynamoDbRequest): Error {
  if (operation !== "TransactWriteItems")
    return createError("ProvisionedThroughputExceededException");
  const items = (input as { readonly TransactItems: readonly unknown[] }).TransactItems;
  const CancellationReasons = items.map(() => ({ Code: "TransactionConflict" }));
  return Object.assign(createError("TransactionCanceledException"), { CancellationReasons });
}

function createError(name: string): Error {
  return Object.assign(new Error(name), { name });
}
