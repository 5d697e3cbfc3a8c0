import type { InvocationResult } from "../../functions/environment.ts";

/** The messages of a batch that stay in the queue. All others are deleted. */
export type FailedMessages = "all" | ReadonlySet<string>;

const NONE: FailedMessages = new Set<string>();

/**
 * Reads the messages that failed out of the response of a function.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 *
 * @param messageIds the messages of the batch.
 * @param reportsFailures whether the mapping has the response type `ReportBatchItemFailures`.
 */
export function readFailedMessages(
  messageIds: readonly string[],
  { outcome, payload }: InvocationResult,
  reportsFailures: boolean,
): FailedMessages {
  if (outcome === "failed") return "all";
  // Without the response type Lambda reads no response.
  if (!reportsFailures || payload === "") return NONE;
  const response = parse(payload);
  if (response === null) return NONE;
  if (typeof response !== "object" || Array.isArray(response)) return "all";
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return "all";
  const identifiers = failures.map((failure: unknown) => readIdentifier(failure));
  // An empty, missing or unknown identifier says nothing about any message.
  const areKnown = identifiers.every(
    (one): one is string => typeof one === "string" && messageIds.includes(one),
  );
  return areKnown ? new Set(identifiers) : "all";
}

/** The value in a JSON text; an invalid text is `undefined`. */
function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function readIdentifier(failure: unknown): unknown {
  return (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
}
