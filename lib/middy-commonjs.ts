/**
 * `require("lambda-idempotency/middy")`. Middy has no CommonJS format, so a program that requires this
 * entry cannot have Middy either. Loading it throws an error with the remedies.
 *
 * @module
 */

const ADVICE =
  'lambda-idempotency/middy cannot be required: Middy has ES modules alone. Use `await import("lambda-idempotency/middy")`, make the file an ES module (.mts, .mjs or "type": "module"), or wrap the handler without Middy: idempotent() of lambda-idempotency has both formats.';

throw Object.assign(new Error(ADVICE), { code: "ERR_REQUIRE_ESM" });

/**
 * Not callable from CommonJS: `require` of this entry throws. Its type makes the compiler say so.
 *
 * @deprecated Use `await import("lambda-idempotency/middy")`, or an ES module.
 */
export declare function idempotency(esModulesAlone: typeof ADVICE): never;

/**
 * Not callable from CommonJS: see {@link idempotency}.
 *
 * @deprecated Use `await import("lambda-idempotency/middy")`, or an ES module.
 */
export declare function functionIdempotency(esModulesAlone: typeof ADVICE): never;
