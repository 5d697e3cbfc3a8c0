import type { HandlerName } from "./handlers.ts";

/**
 * The most bytes, minified, that a handler may have without the SDK. Lower them when it shrinks; to
 * raise one is a decision, because every cold start pays for it.
 */
const SIZE_BUDGETS: Partial<Record<HandlerName, number>> = {
  "ours: wrapper, memory store": 46_000,
  "ours: wrapper, DynamoDB": 57_000,
  "ours: Middy, DynamoDB": 60_500,
  "ours: Middy, DynamoDB, six profiles": 64_000,
};

/** What is over its budget, in words. */
export function overBudget(
  bundles: readonly { readonly handler: HandlerName; readonly minifiedBytes: number }[],
): string[] {
  return bundles.flatMap(({ handler, minifiedBytes }) => {
    const budget = SIZE_BUDGETS[handler];
    return budget !== undefined && minifiedBytes > budget
      ? [`${handler}: ${minifiedBytes} bytes minified without the SDK, ${budget} allowed`]
      : [];
  });
}
