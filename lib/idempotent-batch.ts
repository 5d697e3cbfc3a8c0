import type { ItemIdentifier } from "./batch/batch.ts";
import type { BatchFailures } from "./batch/failures.ts";
import type { BatchOptions } from "./batch/options.ts";
import { readBatch } from "./batch/read-batch.ts";
import { runBatch } from "./batch/run-batch.ts";
import { resolveBatch } from "./batch/settings.ts";
import type { InvocationContext } from "./context.ts";
import { refuseDurable } from "./invocation/durable.ts";
import { checkFunction, type RunOnce } from "./value/call-once.ts";
import type { WithFunctionIdempotency } from "./value/options.ts";

/** A batch of records: of SQS, Kinesis and DynamoDB Streams in one list, of Kafka in a list a partition. */
export type BatchEvent<BatchRecord> =
  | { readonly Records: readonly BatchRecord[] }
  | { readonly records: Readonly<Record<string, readonly BatchRecord[]>> };

/** The name of a failed record in the response. */
export type IdentifierOf<BatchRecord> = BatchRecord extends {
  readonly topic: string;
  readonly offset: number;
}
  ? Exclude<ItemIdentifier, string>
  : string;

/**
 * Makes a handler of queue messages or stream records safe to deliver again: SQS (standard and FIFO),
 * Kinesis, DynamoDB Streams, Kafka. The handler runs once for each record, under the key of its work.
 *
 * The groups of a batch run side by side, and the records of each in order. A record that fails is
 * reported, and in a FIFO queue everything of its group behind it. So is a record that another
 * invocation has in work, a record whose key belongs to another record, and the rest of a batch for which
 * there is no time. A record whose key cannot be read fails alone. A record that is done is acknowledged
 * without another run.
 *
 * Turn `ReportBatchItemFailures` on for the event source mapping, or give `failures: "throw"`: without
 * either Lambda would delete the failed records.
 *
 * @param handler gets one record, and the context with {@link FunctionIdempotencyContext} at
 *   `idempotency`. An error that it throws fails the record.
 * @param options see {@link BatchOptions}.
 * @returns the handler to export.
 * @throws ConfigurationError when the function starts, if an option is wrong; at a call, before any record
 *   runs, if the event is no batch of these sources. Nothing is acknowledged then.
 * @example
 * export const handler = idempotentBatch(
 *   async ({ body }: SQSRecord, { idempotency }) => {
 *     await idempotency.commit(writesOf(JSON.parse(body)), undefined);
 *   },
 *   {
 *     store: dynamoDbStore({ tableName: "idempotency" }),
 *     name: "book transfer",
 *     singleTenant: true,
 *     key: ({ body }) => JSON.parse(body).transferId,
 *   },
 * );
 */
export function idempotentBatch<BatchRecord, Context extends object = InvocationContext>(
  handler: (record: BatchRecord, context: WithFunctionIdempotency<Context>) => unknown,
  options: BatchOptions<BatchRecord, Context>,
): (
  event: BatchEvent<BatchRecord>,
  context: Context,
) => Promise<BatchFailures<IdentifierOf<BatchRecord>>> {
  checkFunction("idempotentBatch", handler);
  const settings = resolveBatch(options);
  return async (event, context) => {
    refuseDurable(context, IN_DURABLE);
    const reported = await runBatch(settings, handler as RunOnce, readBatch(event), context);
    return reported as BatchFailures<IdentifierOf<BatchRecord>>;
  };
}

const IN_DURABLE =
  "idempotentBatch: it runs in a durable execution, which is one for a whole batch: the wait of one record would hold back all others, and every delivery of the batch starts another. Nothing was executed, and nothing is acknowledged. Start a durable execution for each record from a plain function: see durable functions in the documentation.";
