/**
 * Helpers for the unit tests of handlers under the layer: a store that commits, on a DynamoDB in memory; a
 * clock that tests move; events and contexts.
 *
 * @module
 */
export type { Fault, StoreCall } from "./faults.ts";
export { type TestClock, testClock } from "./test-clock.ts";
export { type TestContext, type TestContextOptions, testContext } from "./test-context.ts";
export {
  type DynamoDbRequest,
  type TestStore,
  type TestStoreOptions,
  testStore,
} from "./test-store.ts";
export type { TestKeyAttribute, TestTable, TestTableKey } from "./test-table.ts";
