import { proofRequest, SAMPLE } from "../requests.ts";
import { boundAfterTakeover } from "../rules.ts";
import type { Scenario } from "../scenario.ts";

/** Requests whose claim is released or freed, so that the key can be used again. */
export const REFUSALS: readonly Scenario[] = [
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
    title: "a request that the rules refuse before its key is bound",
    call: () => proofRequest("validated", { "x-rules": "tightened" }),
    afterwards: [() => proofRequest("validated")],
  },
  {
    title: "a request that the rules refuse, where nothing is claimed before the commit",
    call: () => proofRequest("validated-once", { "x-rules": "tightened" }),
    afterwards: [() => proofRequest("validated-once", { "x-rules": "tightened" })],
  },
  {
    title: "a hook that fails after the bank has paid",
    call: () => proofRequest("pay-outside-middy", { "x-hook": "fails" }),
  },
];
