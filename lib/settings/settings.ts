import { randomUUID } from "node:crypto";
import {
  aFunction,
  aText,
  check,
  oneOf,
  optional,
  type Requirement,
  type Requirements,
} from "../checks/requirements.ts";
import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";
import type { NamedMembers } from "../http/kept-event.ts";
import type { HttpRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { quietly, warnOperator } from "../observe.ts";
import type { IdempotencyOptions } from "../options.ts";
import { checkProfile } from "../profiles/check-profile.ts";
import { ietf } from "../profiles/ietf.ts";
import type { Profile } from "../profiles/profile.ts";
import { systemClock } from "../protocol/clock.ts";
import type { Tools } from "../protocol/execution.ts";
import { idMemory } from "../protocol/id-memory.ts";
import { LONGEST_INVOCATION_MS } from "../protocol/lease.ts";
import { recordCache } from "../protocol/record-cache.ts";
import { STORES_THAT_COMMIT } from "../protocol/transact.ts";
import { type Adviser, createAdviser } from "./advice.ts";
import { isDevelopment, serviceFromEnvironment } from "./environment.ts";
import { readKeptMembers } from "./kept-members.ts";
import { createReadFirst } from "./read-first.ts";
import { type Compare, createComparison, type Secrets } from "./schemes.ts";

/** The settings that the life cycle of a request needs, whether it came over HTTP or not. */
export interface CoreSettings {
  readonly tools: Tools;
  /** `undefined` = the function has a single tenant. */
  readonly tenant: ((input: unknown, context: unknown) => unknown) | undefined;
  readonly service: string | undefined;
  readonly advise: Adviser;
  readonly secrets: Secrets;
  readonly claimAt: "start" | "commit";
  /** `undefined` = the handler cannot run in a durable execution. */
  readonly executionTimeoutSeconds: number | undefined;
  readonly uncommitted: "record" | "refuse";
  readonly largeResponse: "refuse" | "omit-body";
  readonly differentResponse: "throw" | "warn";
}

/** The checked options with their defaults. */
export interface Settings extends CoreSettings {
  readonly profile: Profile;
  /** The value of the option `operation` for an event; without the option, the second argument. */
  readonly operation: (event: unknown, otherwise: string) => unknown;
  readonly namesOperation: boolean;
  readonly isDevelopment: boolean;
  readonly compare: Compare;
  /** The members of an event that are kept for the completer beside the necessary ones. */
  readonly kept: NamedMembers;
  readonly loadEntity: (entityId: string, event: unknown) => Promise<HttpResponse | undefined>;
  /** The option `validate`; `undefined` = every request is valid. */
  readonly validate: ((event: unknown) => unknown) | undefined;
  /** Whether the layer reads the record of a request before it claims the key. */
  readonly isReadFirst: (recordId: string, request: HttpRequest) => boolean;
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
  const { profile = ietf(), operation, loadEntity } = options;
  checkProfile(profile);
  const core = resolveCore("idempotency", options);
  const { claimAt, secrets } = core;
  if ((profile.completed === "entity") !== (loadEntity !== undefined)) {
    throw new ConfigurationError(
      loadEntity === undefined
        ? `idempotency: the profile ${profile.name} responds to repeats with the entity in its present state, so it needs loadEntity, a function that loads the entity by its id.`
        : `idempotency: loadEntity is given, but the profile ${profile.name} never asks for it (its completed is "${profile.completed}"). Remove loadEntity, or choose a profile with completed: "entity", for example dfns().`,
    );
  }
  return {
    ...core,
    profile,
    namesOperation: operation !== undefined,
    isDevelopment: isDevelopment(),
    isReadFirst: createReadFirst(options.readFirst),
    loadEntity: async (entityId, event) => loadEntity?.(entityId, event as Event),
    validate: options.validate as Settings["validate"],
    largeResponse: options.largeResponse ?? "refuse",
    differentResponse: options.differentResponse ?? core.differentResponse,
    compare: createComparison(profile.fingerprint, secrets),
    kept: readKeptMembers(options.keptEvent, profile, claimAt),
    operation: (event, otherwise) =>
      typeof operation === "function" ? operation(event as Event) : (operation ?? otherwise),
  };
}

/**
 * Resolves the options that HTTP handlers and functions share, once `check` has passed them.
 *
 * @param where the function that takes the options; its name begins the message.
 * @throws ConfigurationError if they cannot work together.
 */
export function resolveCore(where: string, options: CoreOptions): CoreSettings {
  const { store, leaseMarginMs = 1_000, clock = systemClock, claimAt = "start" } = options;
  if ((options.tenant !== undefined) === (options.singleTenant !== undefined)) {
    const fault =
      options.tenant === undefined
        ? "neither tenant nor singleTenant is given"
        : "both tenant and singleTenant are given";
    throw new ConfigurationError(
      `${where}: ${fault}; expected a function as tenant, which returns the authenticated principal, or else singleTenant: true.`,
    );
  }
  if (claimAt === "commit" && store.commit === undefined) {
    throw new ConfigurationError(
      `${where}: claimAt "commit" needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const observe = quietly(options.observe ?? warnOperator);
  return {
    claimAt,
    executionTimeoutSeconds: options.executionTimeoutSeconds,
    service: options.service ?? serviceFromEnvironment(),
    advise: createAdviser(observe),
    uncommitted: options.uncommitted ?? "record",
    largeResponse: "refuse",
    differentResponse: isDevelopment() ? "throw" : "warn",
    secrets: readSecrets(options.secret),
    tenant: options.tenant as CoreSettings["tenant"],
    tools: {
      store,
      cache: options.cache && recordCache(options.cache),
      clock,
      leaseMarginMs,
      freedIds: idMemory(MOST_FREED),
      randomUUID: options.randomUUID ?? randomUUID,
      observe,
    },
  };
}

/** The options that HTTP handlers and functions share. */
type CoreOptions = Pick<
  IdempotencyOptions<never, never>,
  Extract<keyof typeof CORE_REQUIREMENTS, keyof IdempotencyOptions>
>;

/** The number of freed keys that a process remembers. */
const MOST_FREED = 10_000;

type AllOptions = { [Name in keyof IdempotencyOptions]-?: unknown };

const STORE_METHODS = [
  ...["claim", "mark", "checkpoint", "complete", "release", "free", "extend", "read"],
];

/** The longest that Lambda lets a durable execution last: 366 days. */
const LONGEST_EXECUTION_SECONDS = 31_622_400;

/** The requirements of the options that HTTP handlers and functions share. */
export const CORE_REQUIREMENTS = {
  store: [
    (value) => hasMethods(STORE_METHODS, value),
    "a store, for example dynamoDbStore({ tableName }) or memoryStore()",
  ],
  tenant: optional([
    aFunction[0],
    "a function that returns the authenticated principal, or else singleTenant: true",
  ]),
  singleTenant: optional([(value) => value === true, "true, or else a function as tenant"]),
  claimAt: optional(oneOf("start", "commit")),
  uncommitted: optional(oneOf("record", "refuse")),
  service: optional([isName, "the name of the service"]),
  secret: optional([isSecret, "a text, or { ids, fingerprints }, two texts"]),
  cache: optional([
    isCacheBounds,
    "an object with maxEntries and maxBytes, whole numbers above 0, either of which may be left out",
  ]),
  leaseMarginMs: optional([
    (value) => typeof value === "number" && value > 0 && value <= LONGEST_INVOCATION_MS,
    `milliseconds above 0 and up to ${LONGEST_INVOCATION_MS}`,
  ]),
  executionTimeoutSeconds: optional([
    (value) => Number.isInteger(value) && isBetween(value as number, 1, LONGEST_EXECUTION_SECONDS),
    `whole seconds from 1 to ${LONGEST_EXECUTION_SECONDS}, as in DurableConfig`,
  ]),
  observe: optional(aFunction),
  clock: optional([
    (value) => hasMethods(["now", "sleep"], value),
    "an object with now() and sleep(durationMs)",
  ]),
  randomUUID: optional(aFunction),
} satisfies Readonly<Record<string, Requirement>>;

const REQUIREMENTS: Requirements<AllOptions> = {
  ...CORE_REQUIREMENTS,
  profile: optional([(value) => typeof value === "object", "a profile, for example dwolla()"]),
  loadEntity: optional(aFunction),
  validate: optional(aFunction),
  largeResponse: optional(oneOf("refuse", "omit-body")),
  differentResponse: optional(oneOf("throw", "warn")),
  operation: optional([
    (value) => isName(value) || aFunction[0](value),
    "a name, or a function that returns one",
  ]),
  keptEvent: optional([
    (value) => typeof value === "object" && value !== null,
    "an object with any of headers, query and authorizer, each a list",
  ]),
  readFirst: optional(oneOf("never", "suspected", "always")),
};

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function readSecrets(secret: IdempotencyOptions["secret"]): Secrets {
  return typeof secret === "object" ? secret : { ids: secret, fingerprints: secret };
}

function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return aText[0](value);
  const { ids, fingerprints, ...others } = value as Record<string, unknown>;
  return aText[0](ids) && aText[0](fingerprints) && Object.keys(others).length === 0;
}

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
