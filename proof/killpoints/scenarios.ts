import { abandon, advanceAtRead, collide, loseAnswers, overtake } from "./disturbances.ts";
import { COMPLETION, proofRequest, SAMPLE } from "./requests.ts";
import {
  boundAfterTakeover,
  deniedOnceBegun,
  eachForItself,
  firstPayloadOnly,
  unknownOnceBegun,
} from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import { READING } from "./scenarios-reads.ts";

/** The sample as it is meant to be used. */
const FIRST_REQUESTS: readonly Scenario[] = [
  { title: "a transfer, one transaction in all", call: () => SAMPLE.transfer() },
  { title: "a charge, claimed and committed", call: () => SAMPLE.charge() },
  { title: "a payout in three steps", call: () => SAMPLE.payout() },
  {
    title: "a payout that the bank refuses",
    prepare: async ({ bank }) => void bank.next("refuse"),
    call: () => SAMPLE.payout(),
  },
  { title: "a wallet's transfer", call: () => SAMPLE.dfnsTransfer() },
  { title: "a wallet's transaction", call: () => SAMPLE.dfnsTransaction() },
  {
    title: "a transaction that is denied once begun",
    call: () => SAMPLE.gluwaTransaction(),
    isFinal: () => true,
    afterwards: [() => COMPLETION, () => SAMPLE.gluwaTransaction()],
    rule: deniedOnceBegun,
  },
  {
    title: "an entry that nobody finishes",
    call: () => proofRequest("given-up"),
    isFinal: () => true,
    afterwards: [() => COMPLETION],
    rule: unknownOnceBegun,
  },
  { title: "an effect outside DynamoDB", call: () => proofRequest("pay-outside") },
  { title: "the same in the middleware", call: () => proofRequest("pay-outside-middy") },
  { title: "an item under a fence", call: () => proofRequest("fenced-entry") },
  {
    title: "a transfer without a key",
    call: () => SAMPLE.transfer({}, {}),
    rule: eachForItself,
  },
];

/** What is released, or freed, so that the same key can be used again. */
const REFUSALS: readonly Scenario[] = [
  {
    title: "a charge that is malformed, and corrected",
    call: () => SAMPLE.charge("0"),
    afterwards: [() => SAMPLE.charge()],
    rule: boundAfterTakeover,
  },
  {
    title: "a transfer that is malformed, and corrected",
    call: () => SAMPLE.transfer({ amountMinor: 0 }),
    afterwards: [() => SAMPLE.transfer()],
  },
  {
    title: "a transfer that is malformed and has no key",
    call: () => SAMPLE.transfer({ amountMinor: 0 }, {}),
  },
  { title: "a charge beyond the balance", call: () => SAMPLE.charge("100000000") },
  {
    title: "a wallet's transfer beyond its balance",
    call: () => SAMPLE.dfnsTransfer({ amount: "100000000" }),
  },
  ...["payout", "pay-outside", "pay-outside-middy"].map(
    (name): Scenario => ({
      title: `${name}: the bank fails first`,
      prepare: async ({ bank }) => void bank.next("fail"),
      call: () => (name === "payout" ? SAMPLE.payout() : proofRequest(name)),
    }),
  ),
  {
    title: "a hook that fails when the bank has paid",
    call: () => proofRequest("pay-outside-middy", { "x-hook": "fails" }),
  },
];

/** What comes upon what somebody else has left. */
const REPEATS: readonly Scenario[] = [
  ...["transfer", "charge", "dfnsTransfer"].map(
    (name): Scenario => ({
      title: `a repeat of a ${name}`,
      prepare: async (lane) => void (await lane.call(SAMPLE[name as "transfer"]())),
      call: () => SAMPLE[name as "transfer"](),
    }),
  ),
  {
    title: "a payout that goes on from a dead one's step",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "list_append(#steps");
      lane.clock.advance(60_000);
    },
    call: () => SAMPLE.payout(),
  },
  {
    title: "a payout that waits for one that is dead",
    async prepare(lane) {
      await abandon(lane, SAMPLE.payout(), "#steps = :step");
      // Its lease ends in 3.5 seconds, and the attempt waits for up to 5.
      lane.clock.advance(7_500);
    },
    call: () => SAMPLE.payout(),
    disturb: (lane) => advanceAtRead(lane, 4_200),
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

/** DynamoDB at its worst. */
const TROUBLES: readonly Scenario[] = [
  {
    title: "a charge that collides once",
    call: () => SAMPLE.charge(),
    disturb: (lane) => collide(lane, 1),
  },
  {
    title: "a charge that collides until its time is over",
    call: () => SAMPLE.charge(),
    disturb: (lane) => collide(lane, 4, 3_000),
  },
  {
    title: "a payout whose first step collides until its time is over",
    call: () => SAMPLE.payout(),
    disturb: (lane) => collide(lane, 4, 3_000),
  },
  {
    title: "a claim of which nobody hears",
    call: () => SAMPLE.gluwaTransaction(),
    disturb: (lane) => loseAnswers(lane, 3),
    afterwards: [() => COMPLETION],
    isFinal: (result) => result.kind === "returned" && Object(result.answer).statusCode < 500,
    rule: deniedOnceBegun,
  },
];

/** The scheduled function, which has no client. */
const COMPLETIONS: readonly Scenario[] = [
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
      await abandon(lane, SAMPLE.payout(), "#steps = :step");
      lane.clock.advance(60_000);
      lane.bank.next("fail");
    },
    call: () => COMPLETION,
    afterwards: [() => SAMPLE.payout()],
  },
  {
    title: "the completer, with nothing to go by",
    async prepare(lane) {
      await abandon(lane, proofRequest("given-up"), "#state = :completed");
      lane.clock.advance(60_000);
    },
    call: () => COMPLETION,
    afterwards: [() => proofRequest("given-up")],
  },
];

const MISTAKE = "x-mistake";

/** What a handler should not do. */
const MISTAKES: readonly Scenario[] = [
  {
    title: "a handler that does not wait for its commit",
    call: () =>
      proofRequest("careless", { [MISTAKE]: "does not wait for a commit that is refused" }),
    afterwards: [() => proofRequest("careless")],
  },
  {
    title: "a handler that has forgotten a step",
    prepare: async (lane) =>
      void (await lane.call(proofRequest("careless", { [MISTAKE]: "fails after a step" }))),
    call: () => proofRequest("careless", { [MISTAKE]: "has forgotten a step" }),
    afterwards: [() => proofRequest("careless")],
  },
  { title: "a handler that does not commit", call: () => proofRequest("careless-once") },
];

/** Everything whose points are swept. */
export const SCENARIOS: readonly Scenario[] = [
  ...FIRST_REQUESTS,
  ...REFUSALS,
  ...REPEATS,
  ...TROUBLES,
  ...COMPLETIONS,
  ...MISTAKES,
  ...READING,
];
