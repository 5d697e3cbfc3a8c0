import { idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

/** As `validated`, but nothing is claimed before the commit. */
export const handler = idempotent(
  (_event: Event, { idempotency }: WithIdempotency<object>) =>
    idempotency.commit([createEntry("validated-once")], { statusCode: 201 }),
  {
    store,
    singleTenant: true,
    claimAt: "commit",
    validate: async (event) =>
      (event as Event).headers["x-rules"] === "tightened" ? { statusCode: 422 } : undefined,
  },
);
