import { idempotentFunction } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

interface Order {
  readonly id: string;
  readonly holder: string;
  /** Throws in place of the commit, or after it. */
  readonly throws?: "before" | "after";
}

/** A function of an order that books it in one transaction with its record. */
export const handler = idempotentFunction(
  async ({ id, throws }: Order, { idempotency }) => {
    if (throws === "before") throw idempotency.reject(new Error("There is no such account."));
    const booked = await idempotency.commit([createEntry(`order/${id}`)], { booked: id });
    if (throws === "after") throw new Error("The function fails after its commit.");
    return booked;
  },
  {
    ...{ store, name: "pay order" },
    tenant: ({ holder }) => holder,
    key: ({ id }) => id,
    same: async ({ id, holder }) => [id, holder],
  },
);
