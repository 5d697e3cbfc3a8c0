/**
 * Runs the clean-up functions of the middlewares in front, for a request that gets a replay or a refusal:
 * Middy runs no `after` hook then. Powertools for AWS registers them in `request.internal`: they flush
 * metrics, close a segment of the tracer, reset keys of the logger. They are found by name, so
 * that nothing of Powertools is imported.
 *
 * A function that fails changes neither the response nor the functions after it.
 *
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/api/types/_aws-lambda-powertools_commons.types.CleanupFunction.html
 */
export async function cleanUpMiddlewares(request: { readonly internal?: unknown }): Promise<void> {
  for (const name of CLEAN_UPS) {
    try {
      const cleanUp = (request.internal as Record<string, unknown> | undefined)?.[name];
      if (typeof cleanUp === "function") await cleanUp(request);
    } catch {
      // The response is decided. A lost metric does not change it.
    }
  }
}

/** In the order of Powertools' own idempotency middleware. */
const CLEAN_UPS = ["tracer", "metrics", "logger", "idempotency"].map(
  (utility) => `powertools-for-aws.${utility}`,
);
