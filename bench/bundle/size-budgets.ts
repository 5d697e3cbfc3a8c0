import type { HandlerName } from "./handlers.ts";

/**
 * The most minified bytes that a handler may have without the SDK. Lower a budget when its handler
 * shrinks. To raise a budget is a decision, because every cold start pays for it.
 */
const SIZE_BUDGETS: Readonly<Record<Extract<HandlerName, `ours${string}`>, number>> = {
  "ours: wrapper, memory store": 124_200,
  "ours: wrapper, DynamoDB": 147_800,
  "ours: Middy, memory store": 128_800,
  "ours: Middy, DynamoDB": 152_400,
  "ours: Middy, DynamoDB, stripe()": 153_200,
  "ours: Middy, DynamoDB, dwolla()": 152_600,
  "ours: Middy, DynamoDB, orzcash()": 152_700,
  "ours: Middy, DynamoDB, gluwa()": 153_500,
  "ours: Middy, DynamoDB, dfns()": 153_300,
  "ours: Middy, DynamoDB, six profiles": 155_700,
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
