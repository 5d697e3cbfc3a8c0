/**
 * Helpers for the unit tests of handlers under the layer: a store that commits, on a DynamoDB in memory; a
 * clock that tests move; events and contexts.
 *
 * @module
 */
export { type AlbSettings, albEvent } from "./events/alb.ts";
export {
  type DynamoDbChange,
  type DynamoDbStreamTable,
  dynamoDbStreamEvent,
} from "./events/dynamodb-stream.ts";
export { functionUrlEvent, httpApiEvent } from "./events/http-api.ts";
export type { HttpRequestParts } from "./events/http-request.ts";
export { type KafkaRecordParts, mskEvent, selfManagedKafkaEvent } from "./events/kafka.ts";
export { type KinesisRecordParts, type KinesisStream, kinesisEvent } from "./events/kinesis.ts";
export { restApiEvent } from "./events/rest-api.ts";
export { type SqsMessage, type SqsQueue, sqsEvent } from "./events/sqs.ts";
export { type VpcLatticeEvent, vpcLatticeEvent } from "./events/vpc-lattice.ts";
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
