import type { InvocationContext } from "../context.ts";
import { readRemainingMs } from "../protocol/lease.ts";
import { callOnce, type RunOnce } from "../value/call-once.ts";
import { isIdempotencyRefused } from "../value/refused.ts";
import { valueSurface } from "../value/surface.ts";
import type { Batch, BatchItem } from "./batch.ts";
import { type BatchFailures, reportFailures } from "./failures.ts";
import { runGroups } from "./run-groups.ts";
import type { BatchSettings } from "./settings.ts";
import type { SqsMessage } from "./sources/sqs.ts";
import { hideUntilLeaseEnds } from "./visibility.ts";

/**
 * Runs the records of a batch, each under its key, and reports those that are not done.
 *
 * @param handler gets one record, and the context of its call.
 * @throws AggregateError of the records' errors, with `failures: "throw"`.
 */
export async function runBatch(
  settings: BatchSettings,
  handler: RunOnce,
  { source, items }: Batch,
  context: object,
): Promise<BatchFailures> {
  const { tools, mismatch, sqs, stopBeforeMs, concurrency, failures } = settings;
  const { observe } = tools;
  const forRecord = settings.forRecords(source);
  const surface = valueSurface(forRecord);
  const causes: unknown[] = [];
  const remainingMs = () => {
    const { getRemainingTimeInMillis } = (context ?? {}) as InvocationContext;
    return readRemainingMs(getRemainingTimeInMillis?.call(context));
  };
  const run: RunOnce = (item, own) => handler((item as BatchItem).record, own);

  /** @returns whether the record is done, and may be deleted. */
  async function runItem(item: BatchItem): Promise<boolean> {
    try {
      await callOnce(forRecord, surface, run, item, context);
      return true;
    } catch (cause) {
      // The refusal of another function, which the handler has called, says nothing of this record.
      const refused =
        isIdempotencyRefused(cause) && cause.work === forRecord.name ? cause : undefined;
      const name = nameOf(item);
      if (refused?.code === "already_completed") return true;
      if (
        mismatch === "acknowledge" &&
        refused?.code === "payload_mismatch" &&
        refused.isFirstDone
      ) {
        observe({ kind: "recordDropped", item: name, cause });
        return true;
      }
      causes.push(cause);
      observe({ kind: "recordFailed", item: name, cause });
      const { leaseLeftMs } = refused ?? {};
      if (sqs !== undefined && source === "sqs" && leaseLeftMs !== undefined) {
        const message = item.record as SqsMessage;
        await hideUntilLeaseEnds(sqs.client, sqs.queueUrl, message, leaseLeftMs).catch((error) =>
          observe({ kind: "visibilityNotMoved", item: name, cause: error }),
        );
      }
      return false;
    }
  }

  // Half of a short invocation is for records: a function with a small time-out would run none.
  const stopMs = Math.min(stopBeforeMs, (remainingMs() ?? Number.POSITIVE_INFINITY) / 2);
  // Node ends a process whose handler waits for nothing, and Lambda then reports success: all is deleted.
  const letEnd = tools.clock.holdProcess?.();
  try {
    const { undone, behindFailure, withoutTime } = await runGroups(items, runItem, {
      concurrency,
      hasTime: () => (remainingMs() ?? Number.POSITIVE_INFINITY) > stopMs,
    });
    if (behindFailure + withoutTime > 0) {
      observe({ kind: "recordsReturned", behindFailure, withoutTime });
    }
    if (failures === "throw" && undone.length > 0)
      throw allComesAgain(undone.length, items, causes);
    return reportFailures(undone);
  } finally {
    letEnd?.();
  }
}

function nameOf({ identifier }: BatchItem): string {
  if (typeof identifier === "string") return identifier;
  return `${identifier.partition}:${identifier.offset}`;
}

function allComesAgain(undone: number, { length }: readonly BatchItem[], causes: unknown[]): Error {
  return new AggregateError(
    causes,
    `${undone} of ${length} records are not done, so the whole batch comes again; the others do not run again.`,
  );
}
