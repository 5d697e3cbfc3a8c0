import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { WireAnswer } from "./engine/wire.ts";

/** The part of a request that the SDK sends over the network and that is read here. */
interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

type RetryStrategy = Extract<
  NonNullable<DynamoDBClientConfig["retryStrategy"]>,
  { acquireInitialRetryToken: unknown }
>;

/** As `boundedClient`. */
const MOST_ATTEMPTS = 3;

/**
 * The SDK's client with all of its parts but the network: it marshals, signs, retries and reads errors, and
 * its requests go to a function. It retries at once, because no test should wait.
 *
 * @param answer answers one attempt, or throws for a request without an answer.
 */
export function memoryClient(answer: (target: string, body: string) => WireAnswer): DynamoDBClient {
  return new DynamoDBClient({
    region: "eu-central-1",
    // Nothing is ever sent there.
    endpoint: "http://dynamodb.invalid",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: MOST_ATTEMPTS,
    retryStrategy,
    requestHandler: {
      handle: async ({ headers, body = "" }: SentRequest) => {
        const target = headers["x-amz-target"] ?? "";
        const answered = answer(target, typeof body === "string" ? body : decoder.decode(body));
        const response = {
          statusCode: answered.status,
          headers: { "content-type": "application/x-amz-json-1.0" },
          body: Buffer.from(answered.body),
        };
        return { response: response as never };
      },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
    },
  });
}

const decoder = new TextDecoder();

const retryStrategy: RetryStrategy = {
  acquireInitialRetryToken: async () => retryToken(0),
  async refreshRetryTokenForRetry(token, { errorType }) {
    const attempts = token.getRetryCount() + 1;
    if (attempts >= MOST_ATTEMPTS || errorType === "CLIENT_ERROR") {
      throw new Error("no other attempt follows");
    }
    return retryToken(attempts);
  },
  recordSuccess: () => {},
};

function retryToken(count: number) {
  return { getRetryCount: () => count, getRetryDelay: () => 0 };
}
