import { createHash } from "node:crypto";

/** An attribute that the sender gave to a message. */
export type MessageAttribute = {
  /** `String`, `Number` or `Binary`, with a label of the sender's after a dot. */
  dataType: string;
  stringValue?: string;
  /** Base64, as on the wire. */
  binaryValue?: string;
};

export type MessageAttributes = Record<string, MessageAttribute>;

/** A message as it is sent. */
export type OutgoingMessage = {
  body: string;
  /** The delay of this message alone. @default the queue's */
  delayMs?: number;
  groupId?: string;
  deduplicationId?: string;
  attributes?: MessageAttributes;
  /** The header of X-Ray. */
  traceHeader?: string;
};

/** A message in a queue. */
export type Message = OutgoingMessage & {
  messageId: string;
  attributes: MessageAttributes;
  sentMs: number;
  /** Before this time no consumer receives the message. */
  visibleAtMs: number;
  /** How often the message was received, from its queue and from the queues before a dead-letter queue. */
  receiveCount: number;
  /** How often the message was received from this queue. */
  receivesHere: number;
  receivedMs?: number;
  firstReceivedMs?: number;
  /** The handle of the last receive. */
  receiptHandle?: string;
  /** FIFO: the place of the message in its queue. */
  sequenceNumber?: string;
  /** In a dead-letter queue: the queue that the message is from. */
  deadLetterSourceArn?: string;
};

/** A message as a consumer gets it. */
export type ReceivedMessage = Message & { receiptHandle: string };

/** Every message has the same sender here. */
const SENDER_ID = "AIDALOCALCLOUD0000000";

/** The attributes that SQS gives to a message; all of them are texts. */
export function systemAttributes(message: ReceivedMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentMs),
    ...(message.sequenceNumber && { SequenceNumber: message.sequenceNumber }),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    SenderId: SENDER_ID,
    ...(message.deduplicationId !== undefined && {
      MessageDeduplicationId: message.deduplicationId,
    }),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(message.traceHeader && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSourceArn && { DeadLetterQueueSourceArn: message.deadLetterSourceArn }),
  };
}

/** The size that counts for the limits: the body, and the names, types and values of the attributes. */
export function sizeInBytes({ body, attributes = {} }: OutgoingMessage): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, attribute]) =>
      bytes +
      Buffer.byteLength(name) +
      Buffer.byteLength(attribute.dataType) +
      valueBytes(attribute).length,
    Buffer.byteLength(body),
  );
}

export function md5OfText(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/**
 * The digest of a message's attributes, or `undefined` without attributes.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name] as MessageAttribute;
    add(Buffer.from(name));
    add(Buffer.from(attribute.dataType));
    hash.update(Buffer.from([isBinary(attribute) ? 2 : 1]));
    add(valueBytes(attribute));
  }
  return hash.digest("hex");
}

export function isBinary({ dataType }: MessageAttribute): boolean {
  return /^Binary(\.|$)/.test(dataType);
}

function valueBytes(attribute: MessageAttribute): Buffer {
  return isBinary(attribute)
    ? Buffer.from(attribute.binaryValue ?? "", "base64")
    : Buffer.from(attribute.stringValue ?? "");
}
