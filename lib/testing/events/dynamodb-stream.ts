import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { itemBytes } from "../../dynamodb/item-size.ts";
import { ACCOUNT, nextId, nextNumber, REGION, TIME_MS } from "./places.ts";

/** A change of an item. Items are plain JavaScript values, as in `@aws-sdk/lib-dynamodb`. */
export interface DynamoDbChange {
  /** The key of the item. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** The item before the change; `undefined` = there was none, or the stream does not have it. */
  readonly oldImage?: Readonly<Record<string, unknown>> | undefined;
  /** The item after the change; `undefined` = there is none, or the stream does not have it. */
  readonly newImage?: Readonly<Record<string, unknown>> | undefined;
  /** @default REMOVE without a new image, INSERT without an old one, otherwise MODIFY */
  readonly eventName?: "INSERT" | "MODIFY" | "REMOVE" | undefined;
  /**
   * Give it for a record that is delivered again.
   * @default a higher one for each record
   */
  readonly sequenceNumber?: string | undefined;
}

/** The table of a batch. */
export interface DynamoDbStreamTable {
  /** @default "test-table" */
  readonly tableName?: string | undefined;
}

/**
 * The event of a batch of a DynamoDB stream, with both images.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 * @example
 * const event = dynamoDbStreamEvent([
 *   { keys: { id: "t-1" }, newImage: { id: "t-1", amountMinor: 2500 } },
 * ]);
 */
export function dynamoDbStreamEvent(
  changes: readonly DynamoDbChange[],
  { tableName = "test-table" }: DynamoDbStreamTable = {},
): DynamoDBStreamEvent {
  const table = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${tableName}`;
  const eventSourceARN = `${table}/stream/2026-01-01T00:00:00.000`;
  return { Records: changes.map((change) => createRecord(change, eventSourceARN)) };
}

function createRecord(change: DynamoDbChange, eventSourceARN: string): DynamoDBRecord {
  const { sequenceNumber = String(nextNumber()).padStart(21, "0") } = change;
  const [keys, oldImage, newImage] = [change.keys, change.oldImage, change.newImage].map(
    (item) => item && marshall(item),
  );
  const eventName = change.eventName ?? (newImage ? (oldImage ? "MODIFY" : "INSERT") : "REMOVE");
  const record = {
    eventID: nextId().replaceAll("-", ""),
    eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: REGION,
    dynamodb: {
      ApproximateCreationDateTime: TIME_MS / 1_000,
      Keys: keys,
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
      SequenceNumber: sequenceNumber,
      SizeBytes: itemBytes(keys ?? {}) + itemBytes(newImage ?? {}) + itemBytes(oldImage ?? {}),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
    eventSourceARN,
  };
  // An event is JSON, which has no bytes.
  return JSON.parse(JSON.stringify(record, withoutBytes));
}

function withoutBytes(this: unknown, name: string, value: unknown): unknown {
  // Not the value, which a Buffer has changed already.
  const original = (this as Record<string, unknown>)[name];
  return original instanceof Uint8Array ? Buffer.from(original).toString("base64") : value;
}
