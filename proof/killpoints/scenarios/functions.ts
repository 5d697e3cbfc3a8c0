import { abandon } from "../disturbances.ts";
import type { Call, CallResult } from "../function-pool.ts";
import { rejectedOnEveryAttempt } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

function order(changes: object = {}): Call {
  const event = { id: "o-1", holder: "alice", ...changes };
  return { file: "proof/killpoints/functions/pay-order.ts", event };
}

/** A delivery of two messages of one FIFO group. */
function delivery(): Call {
  const Records = ["o-1", "o-2"].map((id) => ({
    ...{ messageId: `m-${id}`, receiptHandle: `r-${id}`, body: JSON.stringify({ id }) },
    attributes: { MessageGroupId: "g" },
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:orders.fifo",
  }));
  return { file: "proof/killpoints/functions/book-orders.ts", event: { Records } };
}

function isAcknowledged(result: CallResult): boolean {
  const { batchItemFailures } = Object("response" in result && result.response);
  return Array.isArray(batchItemFailures) && batchItemFailures.length === 0;
}

/** Functions and batches, which get no HTTP request. */
export const FUNCTIONS: readonly Scenario[] = [
  { title: "a function of an order", call: () => order() },
  {
    title: "a repeat of a function of an order",
    prepare: async (lane) => void (await lane.call(order())),
    call: () => order(),
  },
  {
    title: "a function that fails after its commit",
    call: () => order({ throws: "after" }),
  },
  {
    title: "a function that rejects its input",
    call: () => order({ throws: "before" }),
    isFinal: ({ kind }) => kind !== "died",
    rule: rejectedOnEveryAttempt,
  },
  { title: "two messages of a queue", call: delivery, isFinal: isAcknowledged },
  {
    title: "two messages of a queue, the first of which is in work",
    async prepare(lane) {
      await abandon(lane, delivery(), "#state = :completed");
    },
    call: delivery,
    isFinal: isAcknowledged,
  },
];
