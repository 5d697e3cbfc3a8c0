import { completionEvent } from "../../../lib/http/surface/completion-event.ts";
import { abandon, refuse } from "../disturbances.ts";
import { COMPLETION, proofRequest, SAMPLE } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

/** The scheduled function, which has no client. */
export const COMPLETIONS: readonly Scenario[] = [
  {
    title: "a completer's attempt at a payout",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
      const [record] = (await lane.books()).records;
      const { id, fingerprint, event } = record as Record<string, string>;
      return completionEvent(String(event), { id, fingerprint, version: 2 } as never);
    },
    call: (_lane, event) => ({ file: SAMPLE.payout().file, event: JSON.parse(event) }),
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "a completer's attempt at a payout that release 0.1 began",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
      const [record] = (await lane.books()).records;
      const { scheme, begun, interrupted, abandoned, endsAt, ...rest } = record ?? {};
      const event = JSON.stringify(SAMPLE.payout().event);
      await lane.replaceRecord({ ...rest, version: 1, event });
      return completionEvent(event, { ...rest, version: 1 } as never);
    },
    call: (_lane, event) => ({ file: SAMPLE.payout().file, event: JSON.parse(event) }),
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "the completer, with a kept event",
    async prepare(lane) {
      await abandon(lane, SAMPLE.gluwaTransaction(), "#state = :completed");
      lane.clock.advance(60_000);
    },
    call: () => COMPLETION,
    afterwards: [() => SAMPLE.gluwaTransaction()],
  },
  {
    title: "the completer, when the bank fails first",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
      lane.bank.next("fail");
    },
    call: () => COMPLETION,
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "the completer, without a permission",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
    },
    call: () => COMPLETION,
    disturb: (lane) =>
      refuse(lane, "AccessDeniedException", 1, ({ operation }) => operation === "Query"),
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "the completer, without a kept event",
    async prepare(lane) {
      await abandon(lane, proofRequest("given-up"), "#state = :completed");
      lane.clock.advance(60_000);
    },
    call: () => COMPLETION,
    afterwards: [() => proofRequest("given-up")],
  },
  {
    title: "the completer, when nothing has begun",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "#steps");
      lane.clock.advance(60_000);
    },
    call: () => COMPLETION,
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "the completer, past the age of its attempts",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(25 * 60 * 60 * 1_000);
    },
    call: () => COMPLETION,
    afterwards: [() => SAMPLE.payout()],
  },
];
