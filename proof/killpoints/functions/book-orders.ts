import { idempotentBatch } from "../../../lib/index.ts";
import { createEntry } from "../entry.ts";
import { store } from "./pay-outside.ts";

/** The messages that were hidden, which an invocation with the claim has in work. */
const client = { changeMessageVisibility: async () => ({}) };

/** Books the orders of a queue; the record that a message is done is in the transaction of the booking. */
export const handler = idempotentBatch(
  async ({ body }: { body: string }, { idempotency }) => {
    const { id } = JSON.parse(body);
    await idempotency.commit([createEntry(`order/${id}`)], undefined);
  },
  {
    store,
    name: "book order",
    singleTenant: true,
    key: ({ body }) => JSON.parse(body).id,
    concurrency: 1,
    sqs: { client },
  },
);
