import { REGION } from "../../assembly/pseudo-parameters.ts";
import {
  type MessageAttribute,
  md5OfAttributes,
  md5OfText,
  type ReceivedMessage,
  systemAttributes,
} from "../message.ts";

/**
 * The event by which Lambda gives a batch of messages to a function.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvent(messages: readonly ReceivedMessage[], queueArn: string) {
  return { Records: messages.map((message) => toRecord(message, queueArn)) };
}

function toRecord(message: ReceivedMessage, queueArn: string) {
  const md5 = md5OfAttributes(message.attributes);
  const attributes = Object.entries(message.attributes);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      attributes.map(([name, attribute]) => [name, toEventAttribute(attribute)]),
    ),
    ...(md5 && { md5OfMessageAttributes: md5 }),
    md5OfBody: md5OfText(message.body),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

function toEventAttribute({ dataType, stringValue, binaryValue }: MessageAttribute) {
  return {
    ...(stringValue !== undefined && { stringValue }),
    ...(binaryValue !== undefined && { binaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}
