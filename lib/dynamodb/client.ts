import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/**
 * How often, and how long, one call of DynamoDB is tried. The SDK's own default is 4 attempts
 * without any real time limit (`requestTimeout` alone only warns), which is longer than a client
 * of a payment API waits. What the SDK's handler does by itself stays: connections are kept alive
 * between invocations, at most 50 at once.
 *
 * All of it is given explicitly: what is left out, the SDK takes from `AWS_RETRY_MODE`,
 * `AWS_MAX_ATTEMPTS`, `AWS_DEFAULTS_MODE` and the shared configuration files.
 */
const BOUNDS = {
  maxAttempts: 3,
  retryMode: "standard",
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
  },
} satisfies DynamoDBClientConfig;

/** 3 attempts, the time to connect included, and what the SDK waits between them when throttled. */
const LONGEST_CALL_MS =
  BOUNDS.maxAttempts *
    (BOUNDS.requestHandler.connectionTimeout + BOUNDS.requestHandler.requestTimeout) +
  2_000;

const bounded = new WeakSet<object>();

/**
 * A DynamoDB client that gives up in time: 3 attempts of at most 2 seconds each.
 *
 * @param config whatever else the client needs; wins over the bounds.
 */
export function boundedClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  // An option that is there but undefined would give its place to the environment.
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const client = new DynamoDBClient({ ...BOUNDS, ...Object.fromEntries(given) });
  const hasOtherBounds = given.some(([name]) => OF_TIME.has(name));
  if (!hasOtherBounds) bounded.add(client);
  return client;
}

/** What else decides how long a call takes. */
const OF_TIME = new Set([...Object.keys(BOUNDS), "retryStrategy"]);

/** After how many milliseconds a call of this client has ended by itself; infinite if not known. */
export function longestCallMs(client: object): number {
  return bounded.has(client) ? LONGEST_CALL_MS : Number.POSITIVE_INFINITY;
}
