import type { HandlerName } from "./handlers.ts";

/**
 * The most minified bytes that a handler may have without the SDK. Lower a budget when its handler
 * shrinks. To raise a budget is a decision, because every cold start pays for it.
 */
const SIZE_BUDGETS: Readonly<Record<Extract<HandlerName, `ours${string}`>, number>> = {
  "ours: wrapper, memory store": 115_400,
  "ours: wrapper, DynamoDB": 138_800,
  "ours: Middy, memory store": 119_600,
  "ours: Middy, DynamoDB": 143_000,
  "ours: Middy, DynamoDB, stripe()": 143_800,
  "ours: Middy, DynamoDB, dwolla()": 143_200,
  "ours: Middy, DynamoDB, orzcash()": 143_300,
  "ours: Middy, DynamoDB, gluwa()": 144_000,
  "ours: Middy, DynamoDB, dfns()": 143_900,
  "ours: Middy, DynamoDB, six profiles": 146_300,
};

/** A sentence for each bundle over its budget. */
export function listOverBudget(
  bundles: readonly { readonly handler: HandlerName; readonly minifiedBytes: number }[],
): string[] {
  return bundles.flatMap(({ handler, minifiedBytes }) => {
    const budget = (SIZE_BUDGETS as Partial<Record<HandlerName, number>>)[handler];
    return budget !== undefined && minifiedBytes > budget
      ? [`${handler}: ${minifiedBytes} bytes minified without the SDK, ${budget} allowed`]
      : [];
  });
}
