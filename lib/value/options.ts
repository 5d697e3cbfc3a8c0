import type { IdempotencyContext, WithIdempotency } from "../context.ts";
import type { IdempotencyOptions } from "../options.ts";
import type { Contract } from "../protocol/contract.ts";
import type { TransactWrite } from "../protocol/transact-write.ts";

/**
 * The value of `context.idempotency` in a function: the key of its input, and the ways to record its
 * effects and its result. The members mean what they mean over HTTP.
 */
export interface FunctionIdempotencyContext
  extends Pick<
    IdempotencyContext,
    "tenant" | "fence" | "signal" | "downstreamKey" | "step" | "commitStep"
  > {
  /** The key of the input. */
  readonly key: string;
  /**
   * Applies the writes and records the result in one DynamoDB transaction: both or neither. Return its
   * result at once.
   *
   * @param writes up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`.
   * @param result plain data; every call gets it as its JSON text says it.
   * @throws CommitRefused if the condition of a write failed; nothing was written.
   * @throws CommitError if the writes can never be applied, if `commit` was called before, or if the
   *   result cannot be stored. Nothing was written by this call.
   * @throws IdempotencyRefused if the commit was not made, or whether it was is unknown. Rethrow it.
   * @example
   * return context.idempotency.commit([{ Update: debit }, { Update: credit }], { transferId });
   */
  commit<Result>(writes: readonly TransactWrite[], result: Result): Promise<Result>;
  /**
   * Marks an object as a rejection before any effect: the key is unused again, and any input may use it.
   * Return the marked object, or throw the marked error.
   *
   * @throws StepError if a step of the call has run: it may have had its effect.
   * @example
   * throw context.idempotency.reject(new Error(`There is no account ${order.from}.`));
   */
  reject<Rejected extends object>(rejected: Rejected): Rejected;
}

/** The context of one call of a function, with `idempotency`. */
export type WithFunctionIdempotency<Context> = Omit<WithIdempotency<Context>, "idempotency"> & {
  readonly idempotency: FunctionIdempotencyContext;
};

/** The options that functions share with HTTP handlers. */
export type SharedOptions = Pick<
  IdempotencyOptions,
  | "store"
  | "claimAt"
  | "uncommitted"
  | "service"
  | "secret"
  | "cache"
  | "leaseMarginMs"
  | "executionTimeoutSeconds"
  | "observe"
  | "clock"
  | "randomUUID"
>;

/** The options of functions and batches, without the tenant. */
export interface CommonFunctionOptions<Input, Context> extends SharedOptions {
  /**
   * The name of the work, in which a key is unique. It must never change after go-live. Functions that
   * share a table, a service and a name share their keys.
   */
  readonly name: string;
  /**
   * Returns the key of an input: a text or a number that is the same on every delivery of the same work,
   * and different for other work. A business id, never the id of a delivery.
   *
   * @throws IdempotencyRefused at the call (`key_missing`, `key_malformed`), if it returns none.
   */
  readonly key: (input: Input, context: Context) => unknown;
  /**
   * Returns the data by which two inputs under one key are the same.
   * @default the whole input; of messages, records and events of AWS their content, without the
   *   envelope that each delivery has anew (SQS, SNS, EventBridge, S3, Kinesis, DynamoDB Streams, Kafka)
   */
  readonly same?: (input: Input) => unknown;
}

/** Whose keys they are. */
export type TenantOption<Input, Context> =
  | {
      readonly tenant?: never;
      /** All inputs share one space of keys. */
      readonly singleTenant: true;
    }
  // Last, so that the compiler reports a forgotten tenant and not a forgotten singleTenant.
  | {
      /**
       * Returns the principal whose key it is: a text, a number, or a promise of one.
       * @throws ConfigurationError at the call, if the function returns no name.
       */
      readonly tenant: (input: Input, context: Context) => unknown;
      readonly singleTenant?: never;
    };

/** The options of {@link idempotentFunction}. */
export type FunctionOptions<Input = unknown, Context = unknown> = CommonFunctionOptions<
  Input,
  Context
> &
  TenantOption<Input, Context> & {
    /**
     * The promise about repeats: {@link task}, {@link queue}, {@link stream}, {@link tool}.
     * @default task()
     */
    readonly contract?: Contract;
  };
