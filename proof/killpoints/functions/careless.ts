import { idempotent, orzcash, type WithIdempotency } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A handler with a mistake that a header picks. After each mistake, a correct handler that is deployed
 * later must be able to finish the request.
 */
export const handler = idempotent(
  async ({ headers }: Event, { idempotency }: WithIdempotency<object>) => {
    switch (headers["x-mistake"]) {
      case "does not wait for a commit that is refused":
        void idempotency.commit([createEntry("account/acc_alice")], { statusCode: 201 });
        return { statusCode: 201 };
      case "fails after a step":
        await idempotency.step("first", () => "done");
        throw new Error("It fails.");
      case "has forgotten a step":
        return { statusCode: 201 };
      default:
        await idempotency.step("first", () => "done");
        return idempotency.commit([createEntry("careless")], { statusCode: 201 });
    }
  },
  { store, singleTenant: true, profile: orzcash() },
);
