import { idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

const OPTIONS = { store, singleTenant: true, operation: "late-claim" } as const;

/** An entry in one commit. A header picks the end of the handler, another one a deployment before. */
async function run({ headers }: Event, { idempotency }: WithIdempotency<object>) {
  switch (headers["x-end"]) {
    case "refused by the business":
      try {
        // Alice's account stands already, and an entry is created only once.
        return await idempotency.commit([createEntry("account/acc_alice")], { statusCode: 201 });
      } catch {
        return { statusCode: 422 };
      }
    case "rejected":
      throw Object.assign(new Error("The amount is too large."), { statusCode: 422 });
    case "without a commit":
      return { statusCode: 200 };
    default:
      return idempotency.commit([createEntry("late-claim")], { statusCode: 201 });
  }
}

const atStart = idempotent(run, OPTIONS);
const atCommit = idempotent(run, { ...OPTIONS, claimAt: "commit" });

export function handler(event: Event, context: object) {
  const isBefore = event.headers["x-deployment"] === "before";
  return (isBefore ? atStart : atCommit)(event, context as never);
}
