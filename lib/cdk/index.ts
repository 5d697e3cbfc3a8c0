/**
 * The CDK constructs.
 *
 * @module
 */
export {
  type GrantClaimsOptions,
  IdempotencyTable,
  type IdempotencyTableProps,
} from "./idempotency-table.ts";
