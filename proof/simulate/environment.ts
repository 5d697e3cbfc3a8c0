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
import type { Execution } from "./account.ts";
import { handle, type Premises } from "./handler.ts";
import { clientOf, type Network } from "./network.ts";
import type { RequestPlan, Service } from "./plan.ts";
import type { Reply } from "./reply.ts";
import { RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

/** One process that runs the function, with a clock of its own. */
export interface Environment {
  /** How far its clock is from the true time. */
  skewMs: number;
  /** @param event what the completer has found, in place of the client's. */
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

/** For how long Lambda lets the function run, and API Gateway waits. */
export const LIMIT_MS = 29_000;
/** The name of the function. */
export const FUNCTION = "payments";

const KEY = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";

interface Context {
  readonly execution: Execution;
  readonly functionName: string;
  readonly getRemainingTimeInMillis: () => number;
}

interface Surroundings {
  readonly network: Network;
  readonly premises: Premises;
  readonly randomUUID: () => string;
  readonly count: (what: string) => void;
}

export function environmentOf(
  service: Service,
  skewMs: number,
  { network, premises, randomUUID, count }: Surroundings,
): Environment {
  const { world } = network;
  const profile = PROFILES[service.profile]();
  const options: IdempotencyOptions<HttpEvent> = {
    store: dynamoDbStore({ tableName: RECORDS, client: clientOf(network) }),
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
    handle(premises, execution, idempotency);
  const handler =
    service.face === "wrapper"
      ? idempotent(work, options)
      : middy({ timeoutEarlyInMillis: 0 })
          .use(idempotency<HttpEvent>(options))
          .handler(work as never);
  const environment: Environment = {
    skewMs,
    invoke(execution, event = eventOf(execution.request)) {
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

/** The event of an HTTP API. Every profile finds the key in its own place. */
function eventOf({ tenant, amount }: RequestPlan): HttpEvent {
  return {
    tenant,
    routeKey: "POST /payments",
    rawPath: "/payments",
    rawQueryString: "",
    headers: { "content-type": "application/json", "idempotency-key": KEY },
    requestContext: { http: { method: "POST", path: "/payments" } },
    body: JSON.stringify({ amount, Idem: KEY, externalId: KEY }),
    isBase64Encoded: false,
  } as HttpEvent;
}
