import { SAMPLE } from "./requests.ts";
import type { Scenario } from "./scenario.ts";

/** Everything whose points are swept. */
export const SCENARIOS: readonly Scenario[] = [
  { title: "a transfer, one transaction in all", call: () => SAMPLE.transfer() },
  { title: "a charge, claimed and committed", call: () => SAMPLE.charge() },
  { title: "a payout in three steps", call: () => SAMPLE.payout() },
  { title: "a wallet's transfer", call: () => SAMPLE.dfnsTransfer() },
  { title: "a wallet's transaction", call: () => SAMPLE.dfnsTransaction() },
];
