import middy from "@middy/core";
import type { WithIdempotency } from "../../../lib/index.ts";
import { idempotency } from "../../../lib/middy.ts";
import { payOutside, store } from "./pay-outside.ts";

/** The payment of `pay-outside.ts` under the middleware; a header makes a hook fail after the bank has paid. */
export const handler = middy()
  .use({
    before: ({ internal }) => {
      // As Powertools' metrics do.
      Object.assign(internal, { "powertools-for-aws.metrics": () => {} });
    },
  })
  .use(idempotency({ store, singleTenant: true }))
  .use({
    after: ({ event }) => {
      const { headers } = event as { headers: Record<string, string> };
      if (headers["x-hook"] === "fails") throw new Error("The hook fails.");
    },
  })
  .handler((_event, context) => payOutside(context as WithIdempotency<object>));
