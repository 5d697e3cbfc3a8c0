import type { BatchItem, SourceReader } from "../batch.ts";

/** The members of a Kinesis record that the layer reads. */
interface KinesisRecord {
  readonly kinesis: { readonly sequenceNumber: string; readonly partitionKey: string };
}

/** A batch is of one shard, which is taken up again at the lowest failure. Partition keys have an order. */
export const kinesis: SourceReader = {
  source: "kinesis",
  readItem(record: KinesisRecord): BatchItem {
    const { sequenceNumber, partitionKey } = record.kinesis;
    return {
      record,
      identifier: sequenceNumber,
      group: partitionKey,
      shard: "",
    };
  },
};
