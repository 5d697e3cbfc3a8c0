/**
 * The DynamoDB store.
 *
 * @module
 */
export { boundedClient } from "./client.ts";
export { type DynamoDbStoreOptions, dynamoDbStore } from "./store.ts";
