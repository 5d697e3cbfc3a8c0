/**
 * The CDK constructs.
 *
 * @module
 */
export { IdempotencyCompleter, type IdempotencyCompleterProps } from "./idempotency-completer.ts";
export {
  type GrantClaimsOptions,
  IdempotencyTable,
  type IdempotencyTableProps,
  type ProtectBatchOptions,
  type ProtectedFunction,
  type ProtectOptions,
} from "./idempotency-table.ts";
