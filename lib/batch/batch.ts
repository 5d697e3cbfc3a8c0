/** The service that sends a batch. */
export type BatchSource = "sqs" | "kinesis" | "dynamodb" | "kafka";

/** The name by which a response calls a record. Kafka's has two parts. */
export type ItemIdentifier = string | { readonly partition: string; readonly offset: number };

/** One record of a batch, with everything that the layer reads of it. */
export interface BatchItem {
  readonly record: object;
  readonly identifier: ItemIdentifier;
  /** Records of one group run one after the other; `undefined` = the record has no order. */
  readonly group: string | undefined;
  /**
   * The sequence that is taken up again at its lowest failure; `undefined` = each failure comes again by
   * itself.
   */
  readonly shard: string | undefined;
}

/** A batch, in the order of its records. */
export interface Batch {
  readonly source: BatchSource;
  readonly items: readonly BatchItem[];
}

/** Reads the batches of one source. */
export interface SourceReader {
  readonly source: BatchSource;
  readonly readItem: (record: never) => BatchItem;
}
