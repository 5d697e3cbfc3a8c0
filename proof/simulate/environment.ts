import middy from "@middy/core";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  dfns,
  dwolla,
  gluwa,
  type IdempotencyOptions,
  idempotent,
  ietf,
  orzcash,
  type Profile,
  stripe,
  type WithIdempotency,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { createHttpEvent } from "../kit/http-event.ts";
import type { Execution } from "./account.ts";
import { type HandlerTools, handle } from "./handler.ts";
import { createClient, type Network } from "./network.ts";
import type { RequestPlan, Service } from "./plan.ts";
import type { Reply } from "./reply.ts";
import { RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

/** One process that runs the function, with a clock of its own. */
export interface Environment {
  /** The difference of its clock from the true time. */
  skewMs: number;
  /** @param event the kept event that the completer passes, in place of the client's. */
  invoke(execution: Execution, event?: object): Promise<Reply>;
}

const PROFILES: Record<Service["profile"], () => Profile> = {
  ietf,
  dwolla,
  stripe,
  orzcash,
  dfns,
  gluwa,
};

/** The time limit of Lambda for the function, and of API Gateway for its response. */
export const LIMIT_MS = 29_000;
/** The name of the function. */
export const FUNCTION = "payments";

const KEY = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";

interface Context {
  readonly execution: Execution;
  readonly functionName: string;
  readonly getRemainingTimeInMillis: () => number;
}

interface EnvironmentTools {
  readonly network: Network;
  readonly tools: HandlerTools;
  readonly randomUUID: () => string;
  readonly count: (name: string) => void;
}

export function createEnvironment(
  service: Service,
  skewMs: number,
  { network, tools, randomUUID, count }: EnvironmentTools,
): Environment {
  const { world } = network;
  const profile = PROFILES[service.profile]();
  const options: IdempotencyOptions<HttpEvent> = {
    store: dynamoDbStore({ tableName: RECORDS, client: createClient(network) }),
    profile,
    claimAt: service.claimAt,
    tenant: ({ tenant }) => tenant,
    randomUUID,
    clock: { now: () => world.now() + environment.skewMs, sleep: (ms) => sleep(world, ms) },
    observe: (observation) => count("code" in observation ? observation.code : observation.kind),
    ...(profile.completed === "entity" && { loadEntity: () => undefined }),
    ...(service.remembers && { cache: {}, readFirst: "always" }),
  };
  const work = (_: HttpEvent, { execution, idempotency }: WithIdempotency<Context>) =>
    handle(tools, execution, idempotency);
  const handler =
    service.face === "wrapper"
      ? idempotent(work, options)
      : middy({ timeoutEarlyInMillis: 0 })
          .use(idempotency<HttpEvent>(options))
          .handler(work as never);
  const environment: Environment = {
    skewMs,
    invoke(execution, event = createEvent(execution.request)) {
      const untilMs = world.now() + LIMIT_MS;
      const context: Context = {
        execution,
        functionName: FUNCTION,
        getRemainingTimeInMillis: () => untilMs - world.now(),
      };
      return handler(event as HttpEvent, context as never) as Promise<Reply>;
    },
  };
  return environment;
}

async function sleep(world: World, durationMs: number): Promise<void> {
  const untilMs = world.now() + durationMs;
  await world.wait({ fates: ["killed"] });
  world.pass(Math.max(0, untilMs - world.now()));
}

interface HttpEvent {
  readonly tenant: string;
}

/** The event of an HTTP API, with the key in the place of every profile. */
function createEvent({ tenant, amount }: RequestPlan): HttpEvent {
  const event = createHttpEvent({
    route: "POST /payments",
    headers: { "idempotency-key": KEY },
    body: { amount, Idem: KEY, externalId: KEY },
  });
  return { tenant, ...event };
}
