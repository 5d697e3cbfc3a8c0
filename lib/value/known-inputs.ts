import { ConfigurationError } from "../errors.ts";
import { canonicalJson } from "../http/canonical-json.ts";
import { pointerTree, type Selection } from "../http/pointer-tree.ts";
import { jsonText } from "./json-text.ts";

/**
 * The text by which two inputs are the same, for the inputs that AWS sends in an envelope of the delivery:
 * a receipt handle, an approximate count, a time. Another delivery has another envelope, and is the same.
 * The content may be text or base64, or the data that a parser in front has made of it.
 *
 * | input | content |
 * |---|---|
 * | an SQS message | its body; of an SNS or EventBridge event in the body the content of that |
 * | a Kinesis record | its data |
 * | a DynamoDB Streams record | event name, keys and images |
 * | a Kafka record | key and value |
 * | an SNS event | subject and message of each record |
 * | an S3 event | event name, bucket and object of each record |
 * | an EventBridge event | source, detail type and detail |
 * | an AppSync resolver's event | type, field, arguments and source |
 *
 * @param subject the input, for the message.
 * @returns `undefined` = another input, which counts whole.
 * @throws ConfigurationError if the content has no JSON text.
 */
export function contentOfKnown(input: unknown, subject: string): string | undefined {
  if (!isObject(input)) return undefined;
  for (const read of READERS) {
    const content = read(input);
    if (content !== undefined) return writeContent(content, subject);
  }
  return undefined;
}

/** Whether an input is one record of a queue or a stream, which comes again for weeks. */
export function isRecord(input: unknown): boolean {
  if (!isObject(input)) return false;
  return BATCHES.has(input.eventSource) || isKafkaRecord(input);
}

/**
 * Refuses a whole batch as the input of a function: one record that fails would repeat the others.
 *
 * @throws ConfigurationError
 */
export function refuseBatch(name: string, input: unknown): void {
  const { Records, records, eventSource } = (input ?? {}) as Members;
  // EventBridge Pipes sends the list alone.
  const list = Array.isArray(input) ? input : Records;
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const source = isObject(first) ? first.eventSource : isObject(records) && eventSource;
  if (!BATCHES.has(source)) return;
  throw new ConfigurationError(
    `${name}: the input is a whole batch (${String(source)}). Nothing was executed. Use idempotentBatch, which runs each record under a key of its own, or call this function with one record.`,
  );
}

const BATCHES = new Set<unknown>([
  ...["aws:sqs", "aws:kinesis", "aws:dynamodb", "aws:kafka", "SelfManagedKafka"],
]);

type Members = Readonly<Record<string, unknown>>;

/** Content of an input: a text that arrived, or data. */
type Content = { readonly text: string } | { readonly data: unknown };

const READERS: readonly ((input: Members) => Content | undefined)[] = [
  ({ eventSource, body }) => {
    if (eventSource !== "aws:sqs") return undefined;
    return typeof body === "string" ? contentOfBody(body) : { data: body };
  },
  ({ eventSource, kinesis }) => {
    if (eventSource !== "aws:kinesis" || !isObject(kinesis)) return undefined;
    return typeof kinesis.data === "string"
      ? { text: decodeBase64(kinesis.data) }
      : { data: kinesis.data };
  },
  ({ eventSource, eventName, dynamodb }) => {
    if (eventSource !== "aws:dynamodb" || !isObject(dynamodb)) return undefined;
    const { Keys, NewImage, OldImage } = dynamodb;
    return { data: { eventName, Keys, NewImage, OldImage } };
  },
  (input) => {
    if (!isKafkaRecord(input)) return undefined;
    const { key = null, value = null } = input;
    const name = JSON.stringify([typeof key, String(key)]);
    // A record that deletes its key is another one than a record with the JSON text null.
    if (value === null) return { text: `[${name}]` };
    if (typeof value !== "string") return { data: [name, value] };
    const text = decodeBase64(value);
    return {
      text: `[${name},${parse(text) === undefined ? JSON.stringify(`text:${text}`) : text}]`,
    };
  },
  ({ Records }) => {
    const messages = membersOf(Records, "Sns");
    return messages && { data: messages.map(({ Subject, Message }) => [Subject, Message]) };
  },
  ({ Records }) => {
    const objects = membersOf(Records, "s3");
    return objects && { data: objects.map(contentOfObject) };
  },
  (event) =>
    typeof event["detail-type"] === "string" && "detail" in event
      ? { data: [event.source, event["detail-type"], event.detail] }
      : undefined,
  ({ info, arguments: given, source }) =>
    isObject(info) && typeof info.fieldName === "string" && isObject(given)
      ? { data: [info.parentTypeName, info.fieldName, given, source] }
      : undefined,
];

function isKafkaRecord({ topic, partition, offset }: Members): boolean {
  return typeof topic === "string" && [partition, offset].every(Number.isInteger);
}

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

/** SNS and EventBridge deliver into a queue with an envelope of their own in the body. */
function contentOfBody(body: string): Content {
  const event = parse(body);
  if (!isObject(event)) return { text: body };
  // Selected in the text: parsed numbers beyond 2^53 would be equal.
  const isNotification = event.Type === "Notification" && typeof event.TopicArn === "string";
  if (isNotification) return { text: canonicalJson(body, NOTIFICATION) ?? body };
  const isEvent = typeof event["detail-type"] === "string" && "detail" in event;
  return { text: isEvent ? (canonicalJson(body, EVENT) ?? body) : body };
}

const NOTIFICATION = selectMembers("/TopicArn", "/Subject", "/Message");
const EVENT = selectMembers("/source", "/detail-type", "/detail");

function selectMembers(...pointers: readonly string[]): Selection {
  return { how: "include", tree: pointerTree(pointers) };
}

/** A text of JSON as it is; any other text apart from every text of JSON. */
function writeContent(content: Content, subject: string): string {
  if ("data" in content) return jsonText(content.data, subject);
  return parse(content.text) === undefined ? `text:${content.text}` : content.text;
}

/** @returns `undefined` = the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Any other text.
  }
  return undefined;
}

/** The text of bytes in base64, if they are UTF-8; otherwise the base64. */
function decodeBase64(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : `base64:${base64}`;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}
