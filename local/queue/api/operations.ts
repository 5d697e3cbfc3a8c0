import { randomUUID } from "node:crypto";
import { md5OfAttributes, md5OfText, type ReceivedMessage } from "../message.ts";
import { LONGEST_VISIBILITY_MS, type Queue } from "../queue.ts";
import { QueueError } from "../queue-error.ts";
import type { Queues } from "../queues.ts";
import type { QueueClock } from "../settings.ts";
import { eachEntry, MOST_ENTRIES, readEntries } from "./batch-entries.ts";
import { type Input, missing, readNumber, readText, readTexts } from "./input.ts";
import { queueAttributes } from "./queue-attributes.ts";
import { receiveWithin } from "./receive-within.ts";
import { checkBatchSize, readMessage, readSystemAttributes, writeMessage } from "./wire-message.ts";

/** An operation of SQS; its output is JSON. */
export type Operation = (input: Input, signal: AbortSignal) => object | Promise<object>;

const LONGEST_WAIT_SECONDS = 20;

/**
 * The operations of SQS by their names, over these queues.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 *
 * @param queueUrl returns the URL of a queue.
 */
export function createOperations(
  queues: Queues,
  clock: QueueClock,
  queueUrl: (queueName: string) => string,
): Record<string, Operation> {
  const queueIn = (input: Input) => queues.byName(queueName(readText(input, "QueueUrl")));
  return {
    GetQueueUrl: (input) => {
      const { settings } = queues.byName(readText(input, "QueueName"));
      return { QueueUrl: queueUrl(settings.name) };
    },
    GetQueueAttributes: (input) => {
      const names = readTexts(input, "AttributeNames");
      return { Attributes: queueAttributes(queueIn(input), names) };
    },
    SendMessage: (input) => send(queueIn(input), input),
    SendMessageBatch: (input) => {
      const queue = queueIn(input);
      checkBatchSize(readEntries(input));
      return eachEntry(input, (entry) => send(queue, entry));
    },
    ReceiveMessage: async (input, signal) => {
      const queue = queueIn(input);
      const messages = await receive(queue, clock, input, signal);
      return messages.length > 0
        ? { Messages: messages.map((one) => writeMessage(one, input)) }
        : {};
    },
    DeleteMessage: (input) => {
      queueIn(input).delete(readText(input, "ReceiptHandle"));
      return {};
    },
    DeleteMessageBatch: (input) => {
      const queue = queueIn(input);
      return eachEntry(input, (entry) => {
        queue.delete(readText(entry, "ReceiptHandle"));
        return {};
      });
    },
    ChangeMessageVisibility: (input) => {
      changeVisibility(queueIn(input), input);
      return {};
    },
    ChangeMessageVisibilityBatch: (input) => {
      const queue = queueIn(input);
      return eachEntry(input, (entry) => {
        changeVisibility(queue, entry);
        return {};
      });
    },
    StartMessageMoveTask: (input) => {
      const destination = input.DestinationArn as string | undefined;
      queues.redrive(readText(input, "SourceArn"), destination);
      return { TaskHandle: Buffer.from(randomUUID()).toString("base64") };
    },
  };
}

/** The name at the end of a queue's URL. The host does not count: a client may reach it by another. */
function queueName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function send(queue: Queue, input: Input): object {
  const message = readMessage(input);
  const { messageId, sequenceNumber } = queue.send(message);
  const md5 = md5OfAttributes(message.attributes ?? {});
  const system = md5OfAttributes(readSystemAttributes(input));
  return {
    MD5OfMessageBody: md5OfText(message.body),
    ...(md5 && { MD5OfMessageAttributes: md5 }),
    ...(system && { MD5OfMessageSystemAttributes: system }),
    MessageId: messageId,
    ...(sequenceNumber && { SequenceNumber: sequenceNumber }),
  };
}

function receive(
  queue: Queue,
  clock: QueueClock,
  input: Input,
  signal: AbortSignal,
): Promise<ReceivedMessage[]> {
  if (input.ReceiveRequestAttemptId !== undefined) {
    // A guess could pass for a success.
    throw new QueueError(
      "UnsupportedOperation",
      "The local cloud does not implement ReceiveRequestAttemptId.",
    );
  }
  const wait = queue.settings.receiveWaitMs / 1000;
  const waitSeconds = readNumber(input, "WaitTimeSeconds", 0, LONGEST_WAIT_SECONDS) ?? wait;
  const visibilityTimeoutMs = readVisibilityTimeoutMs(input);
  const options = {
    maxMessages: readNumber(input, "MaxNumberOfMessages", 1, MOST_ENTRIES) ?? 1,
    ...(visibilityTimeoutMs !== undefined && { visibilityTimeoutMs }),
  };
  return receiveWithin(queue, options, { clock, waitMs: waitSeconds * 1000, signal });
}

function changeVisibility(queue: Queue, input: Input): void {
  const timeoutMs = readVisibilityTimeoutMs(input) ?? missing("VisibilityTimeout");
  queue.changeVisibility(readText(input, "ReceiptHandle"), timeoutMs);
}

function readVisibilityTimeoutMs(input: Input): number | undefined {
  const seconds = readNumber(input, "VisibilityTimeout", 0, LONGEST_VISIBILITY_MS / 1000);
  return seconds === undefined ? undefined : seconds * 1000;
}
