import type { TapRequest } from "../../../local/tap.ts";
import { abandon, refuse } from "../disturbances.ts";
import type { CallResult } from "../function-pool.ts";
import type { Lane } from "../lane.ts";
import { consume, SAMPLE } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

/** Everything that is in the queue by now, once or more often. */
const consumption = ({ queue }: Lane) => consume(queue.takeAll());

/** Transfers that are accepted, and made by the consumer of the queue. */
export const LATER_TRANSFERS: readonly Scenario[] = [
  {
    title: "a transfer for later, accepted and then made",
    call: () => SAMPLE.laterTransfer(),
    afterwards: [consumption],
    inputsDiffer: true,
  },
  {
    title: "a transfer for later, whose repeat does not ask for that",
    async prepare(lane) {
      // The message is in the queue.
      await abandon(lane, SAMPLE.laterTransfer(), "#state = :completed");
      lane.clock.advance(60_000);
    },
    call: () => SAMPLE.transfer(),
    afterwards: [consumption],
    inputsDiffer: true,
  },
  {
    title: "a transfer for later that is malformed, and corrected",
    call: () => SAMPLE.laterTransfer({ amountMinor: 0 }),
    afterwards: [() => SAMPLE.laterTransfer(), consumption],
    inputsDiffer: true,
  },
  {
    title: "a message, whose transfer is made",
    prepare: (lane) => accept(lane),
    call: (_, event) => consume(JSON.parse(event)),
    isFinal: isDone,
    inputsDiffer: true,
  },
  {
    title: "a message, whose transfer is refused",
    prepare: (lane) => accept(lane, { amountMinor: 100_000_000 }),
    call: (_, event) => consume(JSON.parse(event)),
    isFinal: isDone,
    inputsDiffer: true,
  },
  {
    title: "a message, whose commit fails first",
    prepare: (lane) => accept(lane),
    call: (_, event) => consume(JSON.parse(event)),
    disturb: (lane) => {
      const isCommit = ({ operation }: TapRequest) => operation === "TransactWriteItems";
      return refuse(lane, "ValidationException", 1, isCommit);
    },
    isFinal: isDone,
    inputsDiffer: true,
  },
];

/** Accepts a transfer. @returns the event of the queue. */
async function accept(lane: Lane, changes: object = {}): Promise<string> {
  await lane.call(SAMPLE.laterTransfer(changes));
  return JSON.stringify(lane.queue.takeAll());
}

/** Whether the message is done: the queue deletes it, and delivers any other again. */
function isDone(result: CallResult): boolean {
  if (result.kind !== "returned") return false;
  const { batchItemFailures } = Object(result.response) as { batchItemFailures?: unknown[] };
  return batchItemFailures?.length === 0;
}
