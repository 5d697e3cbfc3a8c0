import type { KinesisStreamEvent } from "aws-lambda";
import { base64 } from "./payload.ts";
import { ACCOUNT, nextNumber, REGION, TIME_MS } from "./places.ts";

/** A record of a Kinesis stream. */
export interface KinesisRecordParts {
  /** A text, bytes, or any other value, which is sent as JSON. The event has it in Base64. */
  readonly data: unknown;
  /** @default "test" */
  readonly partitionKey?: string | undefined;
  /**
   * Give it for a record that is delivered again.
   * @default a higher one for each record
   */
  readonly sequenceNumber?: string | undefined;
}

/** The stream of a batch. */
export interface KinesisStream {
  /** @default "test-stream" */
  readonly streamName?: string | undefined;
}

/**
 * The event of a batch of one shard of a Kinesis stream.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 * @example
 * const event = kinesisEvent([{ data: { transferId: "t-1" }, partitionKey: "alice" }]);
 */
export function kinesisEvent(
  records: readonly KinesisRecordParts[],
  { streamName = "test-stream" }: KinesisStream = {},
): KinesisStreamEvent {
  return {
    Records: records.map(({ data, partitionKey = "test", sequenceNumber = nextSequence() }) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey,
        sequenceNumber,
        data: base64(data),
        approximateArrivalTimestamp: TIME_MS / 1_000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: `arn:aws:iam::${ACCOUNT}:role/test`,
      awsRegion: REGION,
      eventSourceARN: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${streamName}`,
    })),
  };
}

/** Of 56 digits, as sequence numbers of Kinesis. */
function nextSequence(): string {
  return `4959${String(nextNumber()).padStart(52, "0")}`;
}
