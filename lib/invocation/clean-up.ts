/**
 * Closes what middlewares in front have opened, when the request is answered without its handler:
 * Middy runs no `after` then. Powertools for AWS registers a function for this in `request.internal`
 * (a metric is flushed, a segment of the tracer closed, keys of the logger reset). It is looked up
 * by its name, so nothing of Powertools is imported.
 *
 * A function that fails changes nothing, neither the response nor the functions after it.
 *
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/api/types/_aws-lambda-powertools_commons.types.CleanupFunction.html
 */
export async function cleanUpMiddlewares(request: { readonly internal?: unknown }): Promise<void> {
  for (const name of CLEAN_UPS) {
    try {
      const cleanUp = (request.internal as Record<string, unknown> | undefined)?.[name];
      if (typeof cleanUp === "function") await cleanUp(request);
    } catch {
      // The response is decided; a metric that is lost does not change it.
    }
  }
}

/** In the order in which Powertools' own idempotency calls them. */
const CLEAN_UPS = ["tracer", "metrics", "logger", "idempotency"].map(
  (utility) => `powertools-for-aws.${utility}`,
);
