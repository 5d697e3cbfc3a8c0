import { DynamoDBServiceException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";

/** The name of the error by which DynamoDB refuses a request that can never be carried out. */
export const VALIDATION = "ValidationException";

/** Refuses a request that can never be carried out, as DynamoDB does. */
export function invalid(message: string): never {
  throw new DynamoDBServiceException({
    name: VALIDATION,
    message,
    $fault: "client",
    $metadata: {},
  });
}

/** Refuses a part of DynamoDB that this engine does not have: a guess could pass for a success. */
export function notImplemented(feature: string): never {
  return invalid(`${feature} is not implemented by the in-memory engine.`);
}

export function missingTable(name: string): never {
  throw new ResourceNotFoundException({
    message: `Requested resource not found: Table: ${name} not found`,
    $metadata: {},
  });
}
