import { proofRequest } from "../requests.ts";
import type { Scenario } from "../scenario.ts";

const MISTAKE = "x-mistake";

/** Mistakes of handlers. */
export const MISTAKES: readonly Scenario[] = [
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
