import { idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

/** An entry behind rules that a header tightens: they refuse every request then. */
export const handler = idempotent(
  (_event: Event, { idempotency }: WithIdempotency<object>) =>
    idempotency.commit([createEntry("validated")], { statusCode: 201 }),
  {
    store,
    singleTenant: true,
    validate: async (event) =>
      (event as Event).headers["x-rules"] === "tightened" ? { statusCode: 422 } : undefined,
  },
);
