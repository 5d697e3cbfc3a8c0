import type { Contract } from "../protocol/contract.ts";
import type { OutcomePolicy } from "../protocol/outcome.ts";

/**
 * The contract of a function that is called again until it succeeds: an asynchronous invocation, an event
 * of EventBridge, SNS, S3 or Scheduler, a state of Step Functions, a resolver. The same input again gets
 * the first result, for 24 hours. Another input under the same key is refused. A call while the first one
 * runs is refused with `request_in_flight`. An error releases the key, so that the next call tries again.
 *
 * @param overrides members with other values.
 * @example
 * const settle = idempotentFunction(settleInvoice, { store, name: "settle invoice", singleTenant: true,
 *   key: (invoice) => invoice.id, contract: task({ retention: { seconds: 7 * 86_400, from: "completion" } }) });
 */
export function task(overrides: Partial<Contract> = {}): Contract {
  return {
    name: "task",
    inFlight: "refuse",
    mismatch: "refuse",
    completed: "replay",
    interrupted: "restart",
    abandoned: "leave",
    keepsResponses: true,
    outcome: functionOutcome,
    retention: { seconds: 24 * 60 * 60, from: "completion" },
    ...overrides,
  };
}

/**
 * The contract of a message in a queue. A message may wait up to 14 days in its queue and 14 more in the
 * dead-letter queue before it is moved back, so its record lives for 32 days. It says that the message is
 * done, and holds no result. A message that is delivered while it is in work fails, and comes again.
 *
 * @param overrides members with other values.
 */
export function queue(overrides: Partial<Contract> = {}): Contract {
  return {
    ...task(),
    name: "queue",
    keepsResponses: false,
    retention: { seconds: 32 * 24 * 60 * 60, from: "completion" },
    ...overrides,
  };
}

/**
 * The contract of a record in a stream: Kinesis, DynamoDB Streams, Kafka. Like {@link queue}, but a record
 * that is in work elsewhere is waited for, up to a minute: a failure would hold up its shard.
 *
 * @param overrides members with other values.
 */
export function stream(overrides: Partial<Contract> = {}): Contract {
  return { ...queue(), name: "stream", inFlight: { waitMs: 60_000 }, ...overrides };
}

/**
 * The contract of an agent's tool. Like {@link task}, but a call while the same one runs waits for its
 * result, up to 20 seconds. The message of a refusal tells the agent its next step. The key is an argument
 * of the tool, never the id of a tool call: a model that tries again makes a new one.
 *
 * @param overrides members with other values.
 */
export function tool(overrides: Partial<Contract> = {}): Contract {
  return { ...task(), name: "tool", inFlight: { waitMs: 20_000 }, ...overrides };
}

/**
 * A result is final. An error is not, because the call comes again. A rejection frees the key, unless an
 * earlier execution of the call may have begun.
 */
const functionOutcome: OutcomePolicy = ({ kind, hasBegun }) => {
  if (kind === "returned") return "complete";
  return kind === "rejected" && !hasBegun ? "free" : "release";
};
