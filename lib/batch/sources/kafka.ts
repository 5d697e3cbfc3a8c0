import type { BatchItem, SourceReader } from "../batch.ts";

/** The members of a Kafka record that the layer reads. */
interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key?: string | null;
}

/**
 * A batch may hold several partitions, and each is taken up again at its lowest failure. Records with one
 * key have an order, and so have the records without a key in a partition.
 */
export const kafka: SourceReader = {
  source: "kafka",
  readItem(record: KafkaRecord): BatchItem {
    const { topic, partition, offset, key } = record;
    const shard = `${topic}-${partition}`;
    return {
      record,
      identifier: { partition: shard, offset },
      group: `${shard} ${String(key)}`,
      shard,
    };
  },
};
