import { COMPLETION, proofRequest, SAMPLE } from "../requests.ts";
import { deniedOnceBegun, eachForItself, unknownOnceBegun } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

/** First requests to the sample, and to the functions of this proof. */
export const FIRST_REQUESTS: readonly Scenario[] = [
  { title: "a transfer, one transaction in all", call: () => SAMPLE.transfer() },
  { title: "a charge, claimed and committed", call: () => SAMPLE.charge() },
  { title: "a transfer, claimed and committed", call: () => SAMPLE.ietfTransfer() },
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
    title: "an entry that is never finished",
    call: () => proofRequest("given-up"),
    isFinal: () => true,
    afterwards: [() => COMPLETION],
    rule: unknownOnceBegun,
  },
  { title: "a payment in a step, which is marked", call: () => proofRequest("pay-in-step") },
  { title: "an effect outside DynamoDB", call: () => proofRequest("pay-outside") },
  { title: "the same in the middleware", call: () => proofRequest("pay-outside-middy") },
  { title: "an item under a fence", call: () => proofRequest("fenced-entry") },
  {
    title: "a transfer without a key",
    call: () => SAMPLE.transfer({}, {}),
    rule: eachForItself,
  },
];
