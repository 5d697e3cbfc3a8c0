import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Carried, Change, Database } from "../../local/engine/in-memory/database.ts";
import { type DynamoDbRequest, type PlantedFault, plant } from "../kit/planted-faults.ts";
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
  readonly without?: PlantedFault | undefined;
}

/** The attempts of the SDK, and its time-out for each. */
const MOST_ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/**
 * A client like the SDK's, over a network that loses, delays and doubles messages. A request without
 * a response in time is sent again, and a request that was given up may still arrive.
 */
export function createClient(network: Network): DynamoDBClient {
  return { send: (command: Command) => send(network, command) } as unknown as DynamoDBClient;
}

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

async function send(network: Network, command: Command): Promise<object> {
  const operation = command.constructor.name.replace("Command", "");
  const request = { operation, input: command.input as DynamoDbRequest["input"] };
  const { without } = network;
  let output: object = {};
  for (const one of without === undefined ? [request] : plant(without, request)) {
    output = await transmit(network, one);
  }
  return output;
}

async function transmit(network: Network, request: DynamoDbRequest): Promise<object> {
  const actor = network.world.current();
  for (let attempts = 1; ; attempts += 1) {
    const { output, error, isLast } = await attempt(network, actor, request);
    if (output !== undefined) return output();
    if (!isLast && attempts < MOST_ATTEMPTS) continue;
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
  const tell = (line: string) => world.tell(() => `${actor.name}: ${nameRequest(request)} ${line}`);
  const sent = await world.wait({ fates: listFates(request), isOnTheWay: true });
  if (sent.fate === "refused") {
    tell("is refused, because DynamoDB is busy");
    // The SDK does not retry a cancelled transaction.
    const isLast = sent.isForGood || request.operation === "TransactWriteItems";
    return { error: createRefusal(request), isLast };
  }
  let isLast = sent.isForGood;
  if (sent.fate === "lost" || sent.fate === "late") {
    tell(sent.fate === "lost" ? "is lost" : "does not arrive in time");
    if (sent.fate === "late") arriveLater(network, actor, request, sent.steps);
  } else {
    const output = carryOut(network, actor, request, sent.fate === "stale");
    const received = await world.wait({ fates: ["lost", "killed"], isOnTheWay: true });
    if (received.fate === "happens") return { output, isLast: true };
    tell("was carried out, but its response is lost");
    isLast = received.isForGood;
  }
  world.pass(isLast ? MOST_ATTEMPTS * TIMEOUT_MS : TIMEOUT_MS);
  if (isLast) world.tell(() => `${actor.name} gives up`);
  return { isLast };
}

function listFates({ operation }: DynamoDbRequest): PendingEvent["fates"] {
  if (operation === "Query") return ["lost", "refused"];
  return operation === "GetItem" ? ["lost", "stale", "refused"] : ["lost", "late", "refused"];
}

function arriveLater(
  network: Network,
  actor: Actor,
  request: DynamoDbRequest,
  steps: number,
): void {
  network.world.schedule({ order: actor.order, fates: [], steps, isOnTheWay: true }, () => {
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
