import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/**
 * How often, and how long, one call of DynamoDB is tried. The SDK's own default is 4 attempts
 * without any real time limit (`requestTimeout` alone only warns), which is longer than a client
 * of a payment API waits.
 */
const BOUNDS = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
  },
} satisfies DynamoDBClientConfig;

/**
 * A DynamoDB client that gives up in time: 3 attempts of at most 2 seconds each.
 *
 * @param config whatever else the client needs; wins over the bounds.
 */
export function boundedClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ ...BOUNDS, ...config });
}
