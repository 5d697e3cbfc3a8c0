import { ConfigurationError } from "../errors.ts";

/**
 * The text by which two inputs are the same, for the inputs that AWS sends in an envelope of the delivery:
 * a receipt handle, an approximate count, a time. Another delivery has another envelope, and is the same.
 *
 * | input | content |
 * |---|---|
 * | an SQS message | its body |
 * | a Kinesis record | its data |
 * | a DynamoDB Streams record | event name, keys and images |
 * | a Kafka record | key and value |
 * | an SNS event | subject and message |
 * | an S3 event | event name, bucket and object of each record |
 * | an EventBridge event | source, detail type and detail |
 *
 * @returns `undefined` = another input, which counts whole.
 */
export function contentOfKnown(input: unknown): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  for (const read of READERS) {
    const content = read(input as Members);
    if (content !== undefined) return content;
  }
  return undefined;
}

/**
 * Refuses a whole batch as the input of a function: one record that fails would repeat the others.
 *
 * @throws ConfigurationError
 */
export function refuseBatch(name: string, input: unknown): void {
  const { Records, records, eventSource } = (input ?? {}) as Members;
  const first = Array.isArray(Records) ? (Records[0] as Members | undefined) : undefined;
  const source = first?.eventSource ?? (isObject(records) ? eventSource : undefined);
  if (!BATCHES.has(source)) return;
  throw new ConfigurationError(
    `${name}: the input is a whole batch (${String(source)}). Nothing was executed. Use idempotentBatch, which runs each record under a key of its own, or call this function with one record.`,
  );
}

const BATCHES = new Set<unknown>([
  ...["aws:sqs", "aws:kinesis", "aws:dynamodb", "aws:kafka", "SelfManagedKafka"],
]);

type Members = Readonly<Record<string, unknown>>;

const READERS: readonly ((input: Members) => string | undefined)[] = [
  ({ eventSource, body }) =>
    eventSource === "aws:sqs" && typeof body === "string" ? contentOfText(body) : undefined,
  ({ eventSource, kinesis }) =>
    eventSource === "aws:kinesis" && isObject(kinesis) && typeof kinesis.data === "string"
      ? contentOfBase64(kinesis.data)
      : undefined,
  ({ eventSource, eventName, dynamodb }) => {
    if (eventSource !== "aws:dynamodb" || !isObject(dynamodb)) return undefined;
    const { Keys, NewImage, OldImage } = dynamodb;
    return JSON.stringify({ eventName, Keys, NewImage, OldImage });
  },
  ({ topic, partition, offset, key = null, value = null }) => {
    const isRecord = typeof topic === "string" && [partition, offset].every(Number.isInteger);
    if (!isRecord) return undefined;
    const content = typeof value === "string" ? contentOfBase64(value) : "null";
    return `[${JSON.stringify(key)},${isJson(content) ? content : JSON.stringify(content)}]`;
  },
  ({ Records }) => {
    const messages = membersOf(Records, "Sns");
    return messages && JSON.stringify(messages.map(({ Subject, Message }) => [Subject, Message]));
  },
  ({ Records }) => {
    const objects = membersOf(Records, "s3");
    return objects && JSON.stringify(objects.map(contentOfObject));
  },
  (event) =>
    typeof event["detail-type"] === "string" && "detail" in event
      ? JSON.stringify([event.source, event["detail-type"], event.detail])
      : undefined,
];

/** The member of every record in a list, if each has it. */
function membersOf(records: unknown, name: string): readonly Members[] | undefined {
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const members = records.map((record) => {
    const member = isObject(record) ? record[name] : undefined;
    return isObject(member) ? { ...member, eventName: (record as Members).eventName } : undefined;
  });
  return members.every((one) => one !== undefined) ? members : undefined;
}

function contentOfObject({ eventName, bucket, object }: Members): unknown {
  return [eventName, isObject(bucket) ? bucket.name : bucket, object];
}

/** A text of JSON as it is; any other text apart from every text of JSON. */
function contentOfText(text: string): string {
  return isJson(text) ? text : `text:${text}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Any other text.
  }
  return false;
}

/** The content of bytes in base64: of their text, if they are UTF-8. */
function contentOfBase64(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? contentOfText(text) : `base64:${base64}`;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}
