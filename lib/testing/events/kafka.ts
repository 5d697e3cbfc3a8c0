import type { MSKEvent, MSKRecord, SelfManagedKafkaEvent } from "aws-lambda";
import { base64 } from "./payload.ts";
import { ACCOUNT, nextNumber, REGION, TIME_MS } from "./places.ts";

/** A record of a Kafka topic. */
export interface KafkaRecordParts {
  /** A text, bytes, or any other value, which is sent as JSON. The event has it in Base64. */
  readonly value: unknown;
  /** As `value`; `undefined` = the record has no key. */
  readonly key?: unknown;
  /** @default "test-topic" */
  readonly topic?: string | undefined;
  /** @default 0 */
  readonly partition?: number | undefined;
  /**
   * Give it for a record that is delivered again.
   * @default a higher one for each record
   */
  readonly offset?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const BROKERS = `b-1.test.kafka.${REGION}.amazonaws.com:9092`;

/**
 * The event of a batch of Amazon MSK: its records by `topic-partition`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 * @example
 * const event = mskEvent([{ topic: "transfers", key: "alice", value: { transferId: "t-1" } }]);
 */
export function mskEvent(records: readonly KafkaRecordParts[]): MSKEvent {
  return {
    eventSource: "aws:kafka",
    eventSourceArn: `arn:aws:kafka:${REGION}:${ACCOUNT}:cluster/test/00000000-0000-4000-8000-000000000000-1`,
    bootstrapServers: BROKERS,
    records: byPartition(records),
  };
}

/**
 * The event of a batch of a self-managed Kafka cluster; otherwise as {@link mskEvent}.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
 * @example
 * const event = selfManagedKafkaEvent([{ topic: "transfers", value: { transferId: "t-1" } }]);
 */
export function selfManagedKafkaEvent(records: readonly KafkaRecordParts[]): SelfManagedKafkaEvent {
  return {
    eventSource: "SelfManagedKafka",
    bootstrapServers: BROKERS,
    records: byPartition(records),
  };
}

function byPartition(records: readonly KafkaRecordParts[]): Record<string, MSKRecord[]> {
  const partitions = Map.groupBy(
    records.map(createRecord),
    ({ topic, partition }) => `${topic}-${partition}`,
  );
  return Object.fromEntries(partitions);
}

function createRecord(parts: KafkaRecordParts): MSKRecord {
  const { topic = "test-topic", partition = 0, offset = nextNumber(), key, value } = parts;
  const headers = Object.entries(parts.headers ?? {});
  const record = {
    ...{ topic, partition, offset, timestamp: TIME_MS },
    timestampType: "CREATE_TIME" as const,
    ...(key !== undefined && { key: base64(key) }),
    value: base64(value),
    headers: headers.map(([name, text]) => ({ [name]: [...Buffer.from(text)] })),
  };
  // The type knows no record without a key, but Kafka does.
  return record as MSKRecord;
}
