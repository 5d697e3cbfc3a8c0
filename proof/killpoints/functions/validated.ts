import { idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

/** Creates an entry behind rules that a header tightens: they refuse every request then. */
export function createValidated(name: string, claimAt: "start" | "commit") {
  return idempotent(
    (_event: Event, { idempotency }: WithIdempotency<object>) =>
      idempotency.commit([createEntry(name)], { statusCode: 201 }),
    {
      store,
      singleTenant: true,
      claimAt,
      validate: async (event) =>
        (event as Event).headers["x-rules"] === "tightened" ? { statusCode: 422 } : undefined,
    },
  );
}

export const handler = createValidated("validated", "start");
