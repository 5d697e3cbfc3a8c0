import { isBinary, type MessageAttribute, type OutgoingMessage, sizeInBytes } from "./message.ts";
import { invalidValue, QueueError } from "./queue-error.ts";
import type { QueueSettings } from "./settings.ts";

/** A character that no message may contain. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
/** A group id and a deduplication id: up to 128 letters, digits and punctuation marks of ASCII. */
const IDENTIFIER = /^[!-~]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*(\.\.|\.$))[\w.-]{1,256}$/i;
const MOST_ATTRIBUTES = 10;
const LONGEST_DELAY_MS = 900_000;

/**
 * Checks a message against the documented limits of SQS and of its queue.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 *
 * @throws QueueError for a message that SQS refuses.
 */
export function checkMessage(message: OutgoingMessage, settings: QueueSettings): void {
  checkBody(message, settings);
  for (const [name, attribute] of Object.entries(message.attributes ?? {})) {
    checkAttribute(name, attribute);
  }
  if (Object.keys(message.attributes ?? {}).length > MOST_ATTRIBUTES) {
    invalidValue("MessageAttributes", "", `a message has at most ${MOST_ATTRIBUTES} attributes`);
  }
  checkIdentifier("MessageGroupId", message.groupId);
  checkIdentifier("MessageDeduplicationId", message.deduplicationId);
  if (settings.isFifo) checkFifo(message, settings);
  else checkStandard(message);
}

function checkBody(message: OutgoingMessage, { maximumMessageBytes }: QueueSettings): void {
  if (message.body === "") {
    throw new QueueError("MissingParameter", "The request must contain the parameter MessageBody.");
  }
  if (FORBIDDEN.test(message.body)) {
    throw new QueueError(
      "InvalidMessageContents",
      "The message has characters outside of the allowed set.",
    );
  }
  if (sizeInBytes(message) > maximumMessageBytes) {
    throw new QueueError(
      "InvalidParameterValue",
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageBytes} bytes.`,
    );
  }
}

function checkAttribute(name: string, attribute: MessageAttribute): void {
  if (!ATTRIBUTE_NAME.test(name)) {
    invalidValue("MessageAttributes", name, "the name of an attribute is not valid");
  }
  if (!/^(String|Number|Binary)(\.|$)/.test(attribute.dataType)) {
    invalidValue(name, attribute.dataType, "the type of an attribute is String, Number or Binary");
  }
  const value = isBinary(attribute) ? attribute.binaryValue : attribute.stringValue;
  if (!value) invalidValue(name, value, "an attribute has a value of its type, which is not empty");
  if (attribute.dataType.startsWith("Number") && !Number.isFinite(Number(value))) {
    invalidValue(name, value, "it is not a number");
  }
}

function checkIdentifier(parameter: string, value: string | undefined): void {
  if (value === undefined || IDENTIFIER.test(value)) return;
  invalidValue(parameter, value, "it has 1 to 128 letters, digits and punctuation marks");
}

function checkFifo(message: OutgoingMessage, settings: QueueSettings): void {
  if (message.groupId === undefined) {
    throw new QueueError(
      "MissingParameter",
      "The request must contain the parameter MessageGroupId.",
    );
  }
  if (message.deduplicationId === undefined && !settings.hasContentBasedDeduplication) {
    throw new QueueError(
      "InvalidParameterValue",
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  if (message.delayMs) {
    invalidValue("DelaySeconds", message.delayMs / 1000, "a FIFO queue has one delay for all");
  }
}

function checkStandard({ deduplicationId, delayMs = 0 }: OutgoingMessage): void {
  if (deduplicationId !== undefined) {
    invalidValue("MessageDeduplicationId", deduplicationId, "the queue is not a FIFO queue");
  }
  if (delayMs < 0 || delayMs > LONGEST_DELAY_MS) {
    invalidValue("DelaySeconds", delayMs / 1000, "it must be from 0 to 900");
  }
}
