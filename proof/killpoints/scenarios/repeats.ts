import { abandon, advanceAtRead, overtake } from "../disturbances.ts";
import { proofRequest, SAMPLE } from "../requests.ts";
import { firstPayloadOnly } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

/** Requests that find a record of an earlier execution. */
export const REPEATS: readonly Scenario[] = [
  ...["transfer", "charge", "dfnsTransfer"].map(
    (name): Scenario => ({
      title: `a repeat of a ${name}`,
      prepare: async (lane) => void (await lane.call(SAMPLE[name as "transfer"]())),
      call: () => SAMPLE[name as "transfer"](),
    }),
  ),
  {
    title: "a repeat in the middleware, behind a middleware with a clean-up",
    prepare: async (lane) => void (await lane.call(proofRequest("pay-outside-middy"))),
    call: () => proofRequest("pay-outside-middy"),
  },
  {
    title: "a payout that goes on from the step of a dead execution",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
    },
    call: () => SAMPLE.payout(),
  },
  {
    title: "a payout that waits for a dead execution",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "#steps = :step");
      // Its lease ends in 3.5 seconds, and the attempt waits for up to 5.
      lane.clock.advance(7_500);
    },
    call: () => SAMPLE.payout(),
    disturb: (lane) => advanceAtRead(lane, 4_200),
  },
  {
    title: "a repeat of a dead execution, after the rules were tightened",
    async prepare(lane) {
      await abandon(lane, proofRequest("validated"), "#state = :completed");
      lane.clock.advance(60_000);
    },
    call: () => proofRequest("validated", { "x-rules": "tightened" }),
  },
  {
    title: "a charge with another amount under its key",
    call: () => SAMPLE.charge(),
    stranger: () => SAMPLE.charge("200"),
    rule: firstPayloadOnly,
  },
  ...["charge", "pay-outside"].map((name): Scenario => {
    const call = () => (name === "charge" ? SAMPLE.charge() : proofRequest(name));
    return {
      title: `${name}: overtaken while it completes`,
      call,
      disturb: (lane) => overtake(lane, call()),
    };
  }),
];
