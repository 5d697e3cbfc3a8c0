import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Carried, Change, Database } from "../../local/engine/in-memory/database.ts";
import { type DynamoDbRequest, type PlantedFault, plant } from "../kit/planted-faults.ts";
import { nameOf } from "./request-name.ts";
import type { Actor, Thing } from "./thing.ts";
import type { World } from "./world.ts";

/** What is between the functions and DynamoDB. */
export interface Network {
  readonly world: World;
  readonly engine: Database;
  /** Told what a request has changed, and whose request it was. */
  readonly onChanges: (actor: Actor, changes: readonly Change[]) => void;
  /** Told of a request that DynamoDB can never carry out: it proves nothing. */
  readonly onInvalid: (message: string) => void;
  /** The safeguard that is taken away. */
  readonly without?: PlantedFault | undefined;
}

/** How the SDK sends: so often, and waiting for an answer for so long. */
const MOST_ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/**
 * A client as the SDK's, over a network that loses, delays and doubles: what got no answer in time is
 * sent again, and a request that was given up may arrive all the same.
 */
export function clientOf(network: Network): DynamoDBClient {
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
    const { answer, error, isLast } = await attempt(network, actor, request);
    if (answer !== undefined) return answer();
    if (!isLast && attempts < MOST_ATTEMPTS) continue;
    throw Object.assign(error ?? failure("TimeoutError"), { $metadata: { attempts } });
  }
}

/** What one attempt has come to: DynamoDB's answer, or an error, or nothing in time. */
interface Tried {
  readonly answer?: () => object;
  readonly error?: Error;
  /** There is no other one. */
  readonly isLast: boolean;
}

async function attempt(network: Network, actor: Actor, request: DynamoDbRequest): Promise<Tried> {
  const { world } = network;
  const tell = (line: string) => world.tell(() => `${actor.name}: ${nameOf(request)} ${line}`);
  const sent = await world.wait({ fates: fatesOf(request), isOnTheWay: true });
  if (sent.fate === "refused") {
    tell("is refused, because DynamoDB is busy");
    // The SDK sends no transaction again that was cancelled.
    const isLast = sent.isForGood || request.operation === "TransactWriteItems";
    return { error: busy(request), isLast };
  }
  let isLast = sent.isForGood;
  if (sent.fate === "lost" || sent.fate === "late") {
    tell(sent.fate === "lost" ? "is lost" : "does not arrive in time");
    if (sent.fate === "late") arriveLater(network, actor, request, sent.steps);
  } else {
    const answer = carryOut(network, actor, request, sent.fate === "stale");
    const heard = await world.wait({ fates: ["lost", "killed"], isOnTheWay: true });
    if (heard.fate === "happens") return { answer, isLast: true };
    tell("was carried out, but the answer is lost");
    isLast = heard.isForGood;
  }
  world.pass(isLast ? MOST_ATTEMPTS * TIMEOUT_MS : TIMEOUT_MS);
  if (isLast) world.tell(() => `${actor.name} gives up`);
  return { isLast };
}

function fatesOf({ operation }: DynamoDbRequest): Thing["fates"] {
  if (operation === "Query") return ["lost", "refused"];
  return operation === "GetItem" ? ["lost", "stale", "refused"] : ["lost", "late", "refused"];
}

function arriveLater(
  network: Network,
  actor: Actor,
  request: DynamoDbRequest,
  steps: number,
): void {
  network.world.later({ order: actor.order, fates: [], steps, isOnTheWay: true }, () => {
    network.world.tell(() => `a late copy of ${actor.name}'s request arrives`);
    carryOut(network, actor, request);
  });
}

/** @returns what gives DynamoDB's answer, or throws it. */
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
    if (name === "ValidationException") network.onInvalid(`${nameOf(request)}: ${message}`);
    world.tell(() => `${actor.name}: ${nameOf(request)} gets ${name}`);
    return () => {
      throw error;
    };
  }
  world.tell(() => `${actor.name}: ${nameOf(request)} is carried out`);
  onChanges(actor, carried.changes);
  return () => carried.output;
}

function busy({ operation, input }: DynamoDbRequest): Error {
  if (operation !== "TransactWriteItems") return failure("ProvisionedThroughputExceededException");
  const items = (input as { readonly TransactItems: readonly unknown[] }).TransactItems;
  const CancellationReasons = items.map(() => ({ Code: "TransactionConflict" }));
  return Object.assign(failure("TransactionCanceledException"), { CancellationReasons });
}

function failure(name: string): Error {
  return Object.assign(new Error(name), { name });
}
