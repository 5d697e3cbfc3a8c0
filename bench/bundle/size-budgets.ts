import type { HandlerName } from "./handlers.ts";

/**
 * The most minified bytes that a handler may have without the SDK. Lower a budget when its handler
 * shrinks. To raise a budget is a decision, because every cold start pays for it.
 */
const SIZE_BUDGETS: Readonly<Record<Extract<HandlerName, `ours${string}`>, number>> = {
  "ours: wrapper, memory store": 117_300,
  "ours: wrapper, DynamoDB": 140_700,
  "ours: Middy, memory store": 121_500,
  "ours: Middy, DynamoDB": 144_900,
  "ours: Middy, DynamoDB, stripe()": 145_700,
  "ours: Middy, DynamoDB, dwolla()": 145_100,
  "ours: Middy, DynamoDB, orzcash()": 145_200,
  "ours: Middy, DynamoDB, gluwa()": 145_900,
  "ours: Middy, DynamoDB, dfns()": 145_800,
  "ours: Middy, DynamoDB, six profiles": 148_200,
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
