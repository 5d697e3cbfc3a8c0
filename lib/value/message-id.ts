import type { Adviser } from "../settings/advice.ts";

/**
 * A key for messages without a business id: the message's own id. SQS delivers a message more than once
 * under one id. Its sender's retry, and a redrive from the dead-letter queue, get another id and run again.
 *
 * @example
 * idempotentBatch(sendMail, { store, name: "send mail", singleTenant: true, key: messageIdUntilRedrive });
 */
export function messageIdUntilRedrive({ messageId }: { readonly messageId: string }): string {
  return messageId;
}

/** Advises on a key that is the id of a message, unless it is one by its own name. */
export function adviseOnMessageId(
  advise: Adviser,
  key: unknown,
  input: unknown,
  found: unknown,
): void {
  const { messageId } = (input ?? {}) as { readonly messageId?: unknown };
  if (found === undefined || found !== messageId || key === messageIdUntilRedrive) return;
  advise(
    "key_is_message_id",
    "The key of a record is its messageId. A message that is moved back from its dead-letter queue gets another id, and so does a message that its sender sends again: it would run again. Return a business id from its body. If there is none, give messageIdUntilRedrive as key, whose name says its limit.",
  );
}
