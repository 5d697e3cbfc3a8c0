import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";
import { type Chances, USUAL } from "./chances.ts";
import { runChaos } from "./chaos.ts";
import type { ChaosViolation } from "./checker.ts";
import type { ChaosStage } from "./stage.ts";

/** The result of a search for a planted fault. */
export interface SafeguardSearch {
  readonly fault: PlantedFault;
  /** The first broken promise; `undefined` = none was broken. */
  readonly found: ChaosViolation | undefined;
  /** The length of the search, in seconds. */
  readonly seconds: number;
}

/** Makes the trouble more likely in which a missing safeguard shows, so that it shows within seconds. */
const BIASES: Partial<Record<PlantedFault, Partial<Chances>>> = {
  // The bank fails, the claim is released, and another order finds the key unused, but with steps.
  "blind release": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "no fingerprint in the takeover": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "effect split from completion": { apis: ["dwolla", "dfns transfer"], twin: 1 },
  "completion as an upsert": { apis: ["dwolla", "dfns transfer"], twin: 1 },
};

/** The reason why a fault cannot show here. It matters all the same: other layers find it. */
export const INVISIBLE: Partial<Record<PlantedFault, string>> = {
  "no fence":
    "a fence protects effects outside of DynamoDB that compare it; the sample's bank recognises a request by its downstream key instead",
  "no owner check":
    "a late FREE also asks that nothing has begun, a late CHECKPOINT for the number of steps, and the bank recognises the downstream key; the kill points and the simulator find it",
};

/** The faults that can show in this layer. */
export const VISIBLE_FAULTS = PLANTED_FAULTS.filter((fault) => INVISIBLE[fault] === undefined);

/** The probabilities for a run without a safeguard. */
export function chancesWithout(fault: PlantedFault): Chances {
  return { ...USUAL, kill: 0, ...BIASES[fault] };
}

/** Seconds in which clients are at work before their responses are judged. */
const ROUND_SECONDS = 2;

/** Removes a safeguard and runs, round after round, until a promise is broken or the time is over. */
export async function searchForViolation(
  stage: ChaosStage,
  fault: PlantedFault,
  { seed, limitSeconds }: { readonly seed: number; readonly limitSeconds: number },
): Promise<SafeguardSearch> {
  const startedMs = performance.now();
  const passedSeconds = () => (performance.now() - startedMs) / 1000;
  const chances = chancesWithout(fault);
  stage.plant(fault);
  try {
    for (let round = 0; passedSeconds() < limitSeconds; round += 1) {
      const options = { seed: seed + round, seconds: ROUND_SECONDS, chances };
      const [found] = (await runChaos(stage, options)).violations;
      if (found !== undefined) return { fault, found, seconds: passedSeconds() };
    }
    return { fault, found: undefined, seconds: passedSeconds() };
  } finally {
    stage.plant(undefined);
  }
}
