/** The attributes of a queue that have an effect on this machine. */
export type QueueSettings = {
  name: string;
  arn: string;
  isFifo: boolean;
  /** Whether a message without a deduplication id gets the digest of its body as its id. */
  hasContentBasedDeduplication: boolean;
  /** Whether a deduplication id is unique in the queue or in each message group. */
  deduplicationScope: "queue" | "messageGroup";
  delayMs: number;
  visibilityTimeoutMs: number;
  retentionMs: number;
  /** How long a ReceiveMessage waits for a message, unless the request says otherwise. */
  receiveWaitMs: number;
  maximumMessageBytes: number;
  redrivePolicy?: RedrivePolicy;
};

/** The end of a message that is received again and again. */
export type RedrivePolicy = { deadLetterTargetArn: string; maxReceiveCount: number };

/** The time of queues. */
export type QueueClock = {
  nowMs(): number;
  /** Makes a call once, when the time has come. Call the result to cancel it. */
  callAt(timeMs: number, call: () => void): () => void;
};
