import type { Contract } from "../protocol/contract.ts";
import type { CommonFunctionOptions, TenantOption } from "../value/options.ts";
import type { SqsClient } from "./visibility.ts";

/** The options of {@link idempotentBatch}. `key`, `same` and `tenant` get one record of the batch. */
export type BatchOptions<BatchRecord = unknown, Context = unknown> = CommonFunctionOptions<
  BatchRecord,
  Context
> &
  TenantOption<BatchRecord, Context> & {
    /**
     * The promise about deliveries that come again.
     * @default queue() for SQS, stream() for Kinesis, DynamoDB Streams and Kafka
     */
    readonly contract?: Contract;
    /**
     * A record that another invocation has in work. `refuse`: it fails, and comes again. `{ waitMs }`: it
     * is waited for, and fails after that time. It is never acknowledged.
     * @default of the contract: "refuse" for SQS, a minute for streams
     */
    readonly inFlight?: Contract["inFlight"];
    /**
     * Another record under the key of an earlier one. `return`: it fails, so that it reaches the
     * dead-letter queue, where an operator finds it. `acknowledge`: it is dropped, and observed, once
     * the earlier record is done.
     * @default "return"
     */
    readonly mismatch?: "return" | "acknowledge";
    /**
     * The number of groups that run side by side. A group is a message group of a FIFO queue, a partition
     * key, an item of a table, a key of Kafka, or one message of a standard queue.
     * @default 10
     */
    readonly concurrency?: number;
    /**
     * Milliseconds before the end of the invocation from which on no record is begun; the rest of the
     * batch is returned. Half of a shorter invocation is for records all the same. A record that is still
     * in work at the end dies with the invocation: the whole batch comes again, and its finished records
     * do not run again.
     * @default 2000
     */
    readonly stopBeforeMs?: number;
    /**
     * The way in which failures are told. `report`: the response names them, for event source mappings
     * with `ReportBatchItemFailures`. Without it Lambda takes any response for success, and failed records
     * are lost. `throw`: the invocation fails if any record does, so that the whole batch comes again;
     * the finished records do not run again.
     * @default "report"
     */
    readonly failures?: "report" | "throw";
    /**
     * Moves the visibility of a message that another invocation has in work to the end of that
     * invocation's lease. The function needs `sqs:ChangeMessageVisibility`.
     * @default none: the message comes again after the visibility timeout of its queue
     * @example
     * sqs: { client: new SQS({}) },
     */
    readonly sqs?: {
      readonly client: SqsClient;
      /** @default the URL that follows from the ARN of the queue */
      readonly queueUrl?: string;
    };
  };
