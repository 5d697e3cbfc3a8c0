/**
 * The CDK constructs.
 *
 * @module
 */
export { IdempotencyCompleter, type IdempotencyCompleterProps } from "./idempotency-completer.ts";
export {
  type ConnectOptions,
  type GrantClaimsOptions,
  IdempotencyTable,
  type IdempotencyTableProps,
} from "./idempotency-table.ts";
