import { idempotent, orzcash, type WithIdempotency } from "../../../lib/index.ts";
import { entryOf } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Event {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Handlers with mistakes in them, of which a header picks one. Nothing must come of a mistake that
 * an honest handler, deployed after it, cannot make good.
 */
export const handler = idempotent(
  async ({ headers }: Event, { idempotency }: WithIdempotency<object>) => {
    switch (headers["x-mistake"]) {
      case "does not wait for a commit that is refused":
        void idempotency.commit([entryOf("account/acc_alice")], { statusCode: 201 });
        return { statusCode: 201 };
      case "fails after a step":
        await idempotency.step("first", () => "done");
        throw new Error("It fails.");
      case "has forgotten a step":
        return { statusCode: 201 };
      default:
        await idempotency.step("first", () => "done");
        return idempotency.commit([entryOf("careless")], { statusCode: 201 });
    }
  },
  { store, singleTenant: true, profile: orzcash() },
);
