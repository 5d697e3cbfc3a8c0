import { ConfigurationError } from "../errors.ts";
import { findForeignKind } from "../http/events/foreign.ts";
import type { Batch, BatchItem, SourceReader } from "./batch.ts";
import { dynamodbStream } from "./sources/dynamodb-stream.ts";
import { kafka } from "./sources/kafka.ts";
import { kinesis } from "./sources/kinesis.ts";
import { sqs } from "./sources/sqs.ts";

const READERS: Readonly<Record<string, SourceReader>> = {
  "aws:sqs": sqs,
  "aws:kinesis": kinesis,
  "aws:dynamodb": dynamodbStream,
  "aws:kafka": kafka,
  SelfManagedKafka: kafka,
};

interface BatchShape {
  readonly eventSource?: unknown;
  /** SQS, Kinesis, DynamoDB Streams. */
  readonly Records?: unknown;
  /** Kafka: a list for each partition. */
  readonly records?: unknown;
  /** The tumbling window of a stream, with a state that the handler would have to return. */
  readonly window?: unknown;
}

/**
 * Reads a batch of SQS, Kinesis, DynamoDB Streams or Kafka.
 *
 * @throws ConfigurationError for any other event, and for a batch in which a record cannot be named: its
 *   failure could not be reported, so nothing is executed and the whole batch comes again.
 */
export function readBatch(event: unknown): Batch {
  const { eventSource, Records, records, window } = (event ?? {}) as BatchShape;
  if (window !== undefined) throw new ConfigurationError(`idempotentBatch: ${HAS_WINDOW}`);
  const list = Array.isArray(Records) ? Records : flatten(records);
  if (list === undefined) throw foreign(event);
  const [first] = list;
  const source = eventSource ?? (first as { eventSource?: unknown } | undefined)?.eventSource;
  // An empty batch has nothing to name its source by, and nothing to do.
  if (first === undefined && source === undefined) return { source: "sqs", items: [] };
  const reader = Object.hasOwn(READERS, String(source)) ? READERS[String(source)] : undefined;
  if (reader === undefined) throw foreign(event);
  const items = list.map((record, index) => readItem(reader, record, index));
  return { source: reader.source, items };
}

const HAS_WINDOW =
  "the event source mapping has a tumbling window, whose state a handler of single records cannot return. Nothing was executed. Remove tumblingWindow from the mapping.";

/** Keeps the order inside each partition. */
function flatten(records: unknown): unknown[] | undefined {
  if (typeof records !== "object" || records === null) return undefined;
  const lists = Object.values(records);
  return lists.every(Array.isArray) ? lists.flat() : undefined;
}

function readItem({ source, readItem }: SourceReader, record: unknown, index: number): BatchItem {
  const item = tryRead(readItem as (record: unknown) => BatchItem, record);
  if (item !== undefined && isNamed(item.identifier)) return item;
  throw new ConfigurationError(
    `idempotentBatch: record ${index} of the batch (${source}) has no ${NAMES[source]}, so its failure could not be reported. Nothing was executed. Does a middleware in front change the records?`,
  );
}

function tryRead(read: (record: unknown) => BatchItem, record: unknown): BatchItem | undefined {
  try {
    return read(record);
  } catch {
    // The record lacks the parts of its source.
  }
  return undefined;
}

const NAMES = {
  sqs: "messageId",
  kinesis: "sequence number",
  dynamodb: "SequenceNumber",
  kafka: "partition and offset",
};

function isNamed(identifier: BatchItem["identifier"]): boolean {
  if (typeof identifier === "string") return identifier !== "";
  return Number.isInteger(identifier?.offset);
}

function foreign(event: unknown): ConfigurationError {
  const kind = typeof event === "object" && event !== null ? findForeignKind(event) : undefined;
  return new ConfigurationError(
    `idempotentBatch: the event is ${kind ?? "no batch that is known"}; expected a batch of SQS, Kinesis, DynamoDB Streams or Kafka. Nothing was executed. Use idempotentFunction for single events (EventBridge, SNS, S3), and idempotent for HTTP.`,
  );
}
