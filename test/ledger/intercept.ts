import type { DynamoDBClient, ServiceInputTypes } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";

/** One request that a client is about to send. */
export interface Call {
  /** As IAM and the wire call it: `UpdateItem`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of any operation, read by tests only.
  readonly input: any;
}

/**
 * Lets a test see each request of a client, fail it, or lose its answer.
 *
 * @param onCall forwards the request, or throws the error that the caller then sees.
 * @returns ends the interception.
 */
export function intercept(
  client: DynamoDBClient | SQSClient,
  onCall: (call: Call, forward: () => Promise<unknown>) => Promise<unknown>,
): () => void {
  const name = "intercept";
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args: { input: ServiceInputTypes }) => {
        const operation = commandName.replace(/Command$/, "");
        return (await onCall({ operation, input: args.input }, () => next(args))) as never;
      },
    { step: "initialize", name },
  );
  return () => {
    client.middlewareStack.remove(name);
  };
}
