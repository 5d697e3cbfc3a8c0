import { randomUUID } from "node:crypto";
import {
  aFunction,
  aText,
  check,
  oneOf,
  optional,
  type Requirements,
} from "../checks/requirements.ts";
import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";
import type { HttpRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { quietly, warnOperator } from "../observe.ts";
import type { IdempotencyOptions } from "../options.ts";
import { checkProfile } from "../profiles/check-profile.ts";
import { ietf } from "../profiles/ietf.ts";
import type { Profile } from "../profiles/profile.ts";
import { systemClock } from "../protocol/clock.ts";
import type { Tools } from "../protocol/execution.ts";
import { LONGEST_INVOCATION_MS } from "../protocol/lease.ts";
import { recordCache } from "../protocol/record-cache.ts";
import { STORES_THAT_COMMIT } from "../protocol/transact.ts";
import { type Adviser, createAdviser } from "./advice.ts";
import { isDevelopment, serviceFromEnvironment } from "./environment.ts";
import { createReadFirst } from "./read-first.ts";

/** The checked options with their defaults. */
export interface Settings {
  readonly tools: Tools;
  readonly profile: Profile;
  readonly tenant: (event: unknown, context: unknown) => unknown;
  /** The value of the option `operation` for an event; without the option, the second argument. */
  readonly operation: (event: unknown, otherwise: string) => unknown;
  readonly namesOperation: boolean;
  readonly service: string | undefined;
  readonly advise: Adviser;
  readonly isDevelopment: boolean;
  readonly secret: string | undefined;
  readonly loadEntity: (entityId: string, event: unknown) => Promise<HttpResponse | undefined>;
  /** Whether the layer reads the record of a request before it claims the key. */
  readonly isReadFirst: (recordId: string, request: HttpRequest) => boolean;
  readonly claimAt: "start" | "commit";
  readonly uncommitted: "record" | "refuse";
  readonly largeResponse: "refuse" | "omit-body";
  readonly differentResponse: "throw" | "warn";
}

/**
 * Checks the options when the function starts: a mistake shows at the deployment and not at the first
 * payment.
 *
 * @throws ConfigurationError that names the wrong option, its value and the expected one.
 */
export function resolveSettings<Event, Context>(
  options: IdempotencyOptions<Event, Context>,
): Settings {
  check<AllOptions>("idempotency", options, REQUIREMENTS);
  const { store, profile = ietf(), leaseMarginMs = 1_000, clock = systemClock } = options;
  if ((options.tenant !== undefined) === (options.singleTenant !== undefined)) {
    const fault =
      options.tenant === undefined
        ? "neither tenant nor singleTenant is given"
        : "both tenant and singleTenant are given";
    throw new ConfigurationError(
      `idempotency: ${fault}; expected a function as tenant, which returns the authenticated principal, or else singleTenant: true.`,
    );
  }
  checkProfile(profile);
  const { operation, loadEntity, claimAt = "start" } = options;
  if ((profile.completed === "entity") !== (loadEntity !== undefined)) {
    throw new ConfigurationError(
      loadEntity === undefined
        ? `idempotency: the profile ${profile.name} responds to repeats with the entity in its present state, so it needs loadEntity, a function that loads the entity by its id.`
        : `idempotency: loadEntity is given, but the profile ${profile.name} never asks for it (its completed is "${profile.completed}"). Remove loadEntity, or choose a profile with completed: "entity", for example dfns().`,
    );
  }
  if (claimAt === "commit" && store.commit === undefined) {
    throw new ConfigurationError(
      `idempotency: claimAt "commit" needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const observe = quietly(options.observe ?? warnOperator);
  return {
    profile,
    claimAt,
    service: options.service ?? serviceFromEnvironment(),
    namesOperation: operation !== undefined,
    advise: createAdviser(observe),
    isDevelopment: isDevelopment(),
    isReadFirst: createReadFirst(options.readFirst),
    loadEntity: async (entityId, event) => loadEntity?.(entityId, event as Event),
    uncommitted: options.uncommitted ?? "record",
    largeResponse: options.largeResponse ?? "refuse",
    differentResponse: options.differentResponse ?? (isDevelopment() ? "throw" : "warn"),
    secret: options.secret,
    tenant: (options.tenant ?? (() => "the only tenant")) as Settings["tenant"],
    operation: (event, otherwise) =>
      typeof operation === "function" ? operation(event as Event) : (operation ?? otherwise),
    tools: {
      store,
      cache: options.cache && recordCache(options.cache),
      clock,
      leaseMarginMs,
      randomUUID: options.randomUUID ?? randomUUID,
      observe,
    },
  };
}

type AllOptions = { [Name in keyof IdempotencyOptions]-?: unknown };

const STORE_METHODS = ["claim", "complete", "checkpoint", "release", "free", "extend", "read"];

const REQUIREMENTS: Requirements<AllOptions> = {
  store: [
    (value) => hasMethods(STORE_METHODS, value),
    "a store, for example dynamoDbStore({ tableName }) or memoryStore()",
  ],
  tenant: optional([
    aFunction[0],
    "a function that returns the authenticated principal, or else singleTenant: true",
  ]),
  singleTenant: optional([(value) => value === true, "true, or else a function as tenant"]),
  profile: optional([(value) => typeof value === "object", "a profile, for example dwolla()"]),
  loadEntity: optional(aFunction),
  claimAt: optional(oneOf("start", "commit")),
  uncommitted: optional(oneOf("record", "refuse")),
  largeResponse: optional(oneOf("refuse", "omit-body")),
  differentResponse: optional(oneOf("throw", "warn")),
  operation: optional([
    (value) => isName(value) || aFunction[0](value),
    "a name, or a function that returns one",
  ]),
  service: optional([isName, "the name of the service"]),
  secret: optional(aText),
  cache: optional([
    isCacheBounds,
    "an object with maxEntries and maxBytes, whole numbers above 0, either of which may be left out",
  ]),
  readFirst: optional(oneOf("never", "suspected", "always")),
  leaseMarginMs: optional([
    (value) => typeof value === "number" && value > 0 && value <= LONGEST_INVOCATION_MS,
    `milliseconds above 0 and up to ${LONGEST_INVOCATION_MS}`,
  ]),
  observe: optional(aFunction),
  clock: optional([
    (value) => hasMethods(["now", "sleep"], value),
    "an object with now() and sleep(durationMs)",
  ]),
  randomUUID: optional(aFunction),
};

function isCacheBounds(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).every(
      ([name, bound]) =>
        ["maxEntries", "maxBytes"].includes(name) && Number.isInteger(bound) && bound > 0,
    )
  );
}

function hasMethods(names: readonly string[], value: unknown): boolean {
  return names.every(
    (name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function",
  );
}
