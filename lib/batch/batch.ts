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
  /** The text by which two deliveries of one record are the same, if it can be read. */
  readonly content: () => string;
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

/** A text of JSON as it is; any other text apart from every text of JSON. */
export function contentOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return `text:${text}`;
  }
}

/** The content of bytes in base64: of their text, if they are UTF-8. */
export function contentOfBase64(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? contentOf(text) : `base64:${base64}`;
}
