import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/**
 * Attempts and time limits of one call of DynamoDB. The SDK's own default is 4 attempts without any
 * real time limit (`requestTimeout` alone only warns), longer than a client of a payment API waits.
 * The other defaults of the SDK's handler stay: it keeps connections alive between invocations, at
 * most 50 at once.
 *
 * All of it is given explicitly, because the SDK takes a missing option from `AWS_RETRY_MODE`,
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

/** 3 attempts with the time to connect, and the SDK's waits between them when throttled. */
const LONGEST_CALL_MS =
  BOUNDS.maxAttempts *
    (BOUNDS.requestHandler.connectionTimeout + BOUNDS.requestHandler.requestTimeout) +
  2_000;

const boundedClients = new WeakSet<object>();

/**
 * A DynamoDB client that gives up in time: 3 attempts of at most 2 seconds each.
 *
 * @param config other options of the client; they take precedence over the bounds.
 */
export function boundedClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  // An option that is present but undefined would let the environment decide.
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const client = new DynamoDBClient({ ...BOUNDS, ...Object.fromEntries(given) });
  const hasOtherBounds = given.some(([name]) => TIME_OPTIONS.has(name));
  if (!hasOtherBounds) boundedClients.add(client);
  return client;
}

/** Options that change how long a call takes. */
const TIME_OPTIONS = new Set([...Object.keys(BOUNDS), "retryStrategy"]);

/** Milliseconds after which a call of this client has ended by itself; infinite if not known. */
export function longestCallMs(client: object): number {
  return boundedClients.has(client) ? LONGEST_CALL_MS : Number.POSITIVE_INFINITY;
}
