/**
 * The DynamoDB store.
 *
 * @module
 */
export { boundedClient } from "./client.ts";
export type { KeyAttributes, LayoutOptions, RecordAttribute } from "./layout.ts";
export { type DynamoDbStoreOptions, dynamoDbStore } from "./store.ts";
export type { ValueOptions } from "./values.ts";
