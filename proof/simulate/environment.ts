import middy from "@middy/core";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyOptions, idempotent, type WithIdempotency } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { createHttpEvent } from "../kit/http-event.ts";
import type { Execution } from "./execution.ts";
import { type HandlerTools, handle } from "./handler.ts";
import { createClient, type Network } from "./network.ts";
import type { RequestPlan } from "./plan.ts";
import { type Reply, readReply } from "./reply.ts";
import { type Configuration, createProfile, type Service } from "./service.ts";
import type { SkewedClock } from "./skewed-clock.ts";
import { RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

/** One process that runs the function, with the clock of its machine. */
export interface Environment {
  readonly configuration: Service;
  readonly clock: SkewedClock;
  /** @param event the kept event that the completer passes, in place of the client's. */
  invoke(execution: Execution, event?: object): Promise<Reply>;
}

/** The time limit of Lambda for the function, and of API Gateway for its response. */
export const LIMIT_MS = 29_000;
/** The name of the function. */
export const FUNCTION = "payments";

const KEY = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";

interface Context {
  readonly execution: Execution;
  readonly functionName: string;
  readonly getRemainingTimeInMillis?: () => number;
}

interface EnvironmentTools {
  readonly network: Network;
  readonly tools: HandlerTools;
  /** The first configuration of the service. */
  readonly first: Configuration;
  readonly randomUUID: () => string;
  readonly count: (name: string) => void;
}

export function createEnvironment(
  configuration: Service,
  clock: SkewedClock,
  { network, tools, first, randomUUID, count }: EnvironmentTools,
): Environment {
  const { world } = network;
  const { claimAt, face, remembers, knowsTime } = configuration;
  const profile = createProfile(configuration, first);
  const options: IdempotencyOptions<HttpEvent> = {
    store: dynamoDbStore({ tableName: RECORDS, client: createClient(network) }),
    profile,
    claimAt,
    tenant: ({ body }) => JSON.parse(body).tenant,
    randomUUID,
    clock: { now: () => world.now() + clock.skewMs, sleep: (ms) => sleep(world, ms) },
    observe: (observation) => count("code" in observation ? observation.code : observation.kind),
    ...(profile.completed === "entity" && { loadEntity: () => undefined }),
    ...(remembers && { cache: {}, readFirst: "always" }),
  };
  const work = (_: HttpEvent, { execution, idempotency }: WithIdempotency<Context>) =>
    handle(tools, execution, idempotency);
  const handler =
    face === "wrapper"
      ? idempotent(work, options)
      : middy({ timeoutEarlyInMillis: 0 })
          .use(idempotency<HttpEvent>(options))
          .handler(work as never);
  return {
    configuration,
    clock,
    async invoke(execution, event = createEvent(execution.request)) {
      const untilMs = world.now() + LIMIT_MS;
      const context: Context = {
        execution,
        functionName: FUNCTION,
        ...(knowsTime && { getRemainingTimeInMillis: () => untilMs - world.now() }),
      };
      return readReply((await handler(event as HttpEvent, context as never)) as never);
    },
  };
}

async function sleep(world: World, durationMs: number): Promise<void> {
  const untilMs = world.now() + durationMs;
  await world.wait({ fates: ["killed"] });
  world.pass(Math.max(0, untilMs - world.now()));
}

interface HttpEvent {
  readonly body: string;
}

/** The event of an HTTP API, with the key in the place of every profile. */
function createEvent({ tenant, amount }: RequestPlan): HttpEvent {
  const event = createHttpEvent({
    route: "POST /payments",
    headers: { "idempotency-key": KEY },
    body: { tenant, amount, Idem: KEY, externalId: KEY },
  });
  return event as HttpEvent & typeof event;
}
