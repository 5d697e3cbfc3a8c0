import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";

/** Refuses a request that can never be carried out, as DynamoDB does. */
export function invalid(message: string): never {
  const name = "ValidationException";
  throw new DynamoDBServiceException({ name, message, $fault: "client", $metadata: {} });
}
