import { randomUUID } from "node:crypto";

/** Writes a handle for one receive of a message. No other receive has it. */
export function writeReceiptHandle(queueName: string, messageId: string): string {
  const parts = [queueName, messageId, randomUUID()];
  return Buffer.from(JSON.stringify(parts)).toString("base64");
}

/** The parts of a handle; none of a text that is no handle. */
export function readReceiptHandle(
  receiptHandle: string,
): unknown[] & [queueName?: string, messageId?: string] {
  try {
    const parts = JSON.parse(Buffer.from(receiptHandle, "base64").toString());
    return Array.isArray(parts) ? (parts as [string?, string?]) : [];
  } catch {
    return [];
  }
}
