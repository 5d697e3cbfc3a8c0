import {
  type MessageAttribute,
  type MessageAttributes,
  md5OfAttributes,
  md5OfText,
  type OutgoingMessage,
  type ReceivedMessage,
  sizeInBytes,
  systemAttributes,
} from "../message.ts";
import { QueueError } from "../queue-error.ts";
import type { BatchEntry } from "./batch-entries.ts";
import { type Input, readTexts } from "./input.ts";

type WireAttribute = { DataType: string; StringValue?: string; BinaryValue?: string };

const MOST_BATCH_BYTES = 1_048_576;

/** The message in a request to send it. */
export function readMessage(input: Input): OutgoingMessage {
  const { MessageBody = "", DelaySeconds, MessageGroupId, MessageDeduplicationId } = input;
  const { AWSTraceHeader } = readSystemAttributes(input);
  return {
    body: String(MessageBody),
    attributes: readAttributes(input.MessageAttributes),
    ...(DelaySeconds !== undefined && { delayMs: Number(DelaySeconds) * 1000 }),
    ...(MessageGroupId !== undefined && { groupId: String(MessageGroupId) }),
    ...(MessageDeduplicationId !== undefined && {
      deduplicationId: String(MessageDeduplicationId),
    }),
    ...(AWSTraceHeader?.stringValue && { traceHeader: AWSTraceHeader.stringValue }),
  };
}

/** The attributes that the sender sets for other services of AWS. */
export function readSystemAttributes(input: Input): MessageAttributes {
  return readAttributes(input.MessageSystemAttributes);
}

function readAttributes(attributes: unknown): MessageAttributes {
  const entries = Object.entries((attributes ?? {}) as Record<string, WireAttribute>);
  return Object.fromEntries(
    entries.map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
      },
    ]),
  );
}

/** @throws QueueError for messages that are too large together. */
export function checkBatchSize(entries: readonly BatchEntry[]): void {
  const bytes = entries.reduce((sum, entry) => sum + sizeInBytes(readMessage(entry)), 0);
  if (bytes <= MOST_BATCH_BYTES) return;
  throw new QueueError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${MOST_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
  );
}

/** A message in the response to a receive, with the attributes that the request names. */
export function writeMessage(message: ReceivedMessage, input: Input): object {
  const system = [
    ...readTexts(input, "MessageSystemAttributeNames"),
    ...readTexts(input, "AttributeNames"),
  ];
  const attributes = select(systemAttributes(message), (name) => isNamed(system, name));
  const wanted = readTexts(input, "MessageAttributeNames");
  const messageAttributes = select(message.attributes, (name) => isNamed(wanted, name));
  const md5 = md5OfAttributes(messageAttributes);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfText(message.body),
    Body: message.body,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(md5 && {
      MD5OfMessageAttributes: md5,
      MessageAttributes: select(messageAttributes, () => true, toWireAttribute),
    }),
  };
}

function toWireAttribute({ dataType, stringValue, binaryValue }: MessageAttribute): WireAttribute {
  return {
    DataType: dataType,
    ...(stringValue !== undefined && { StringValue: stringValue }),
    ...(binaryValue !== undefined && { BinaryValue: binaryValue }),
  };
}

function select<Value, Result = Value>(
  values: Record<string, Value>,
  isSelected: (name: string) => boolean,
  change = (value: Value) => value as unknown as Result,
): Record<string, Result> {
  const selected = Object.entries(values).filter(([name]) => isSelected(name));
  return Object.fromEntries(selected.map(([name, value]) => [name, change(value)]));
}

/** Whether one of the patterns means the name: `All`, `.*`, the name itself, or `prefix.*`. */
function isNamed(patterns: readonly string[], name: string): boolean {
  return patterns.some(
    (pattern) =>
      pattern === "All" ||
      pattern === name ||
      (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
  );
}
