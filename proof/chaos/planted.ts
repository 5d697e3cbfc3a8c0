import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";
import { type Chances, USUAL } from "./chances.ts";
import { runChaos } from "./chaos.ts";
import type { Violation } from "./checker.ts";
import type { Stage } from "./stage.ts";

/** What became of the search for a planted fault. */
export interface Search {
  readonly fault: PlantedFault;
  /** The first promise that was broken; `undefined` = none was. */
  readonly found: Violation | undefined;
  /** How long it took until it was known, in seconds. */
  readonly seconds: number;
}

/** More of the trouble in which a safeguard is missed, so that this shows within seconds. */
const BIASES: Partial<Record<PlantedFault, Partial<Chances>>> = {
  // A refused request frees its key, late, when somebody else has claimed it and is at work.
  "no owner check": {
    apis: ["orzcash"],
    malformed: 1,
    twin: 1,
    bank: 1,
    otherTenant: 0,
    fault: 0.5,
    faults: ["late"],
    stop: 0,
  },
  // The bank fails, the claim is released, and another order finds the key unused, with steps.
  "blind release": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "no fingerprint in the takeover": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "effect split from completion": { apis: ["dwolla", "dfns transfer"], twin: 1 },
  "completion as an upsert": { apis: ["dwolla", "dfns transfer"], twin: 1 },
};

/** Why a fault cannot show here; nobody should conclude from that that it does not matter. */
export const INVISIBLE: Partial<Record<PlantedFault, string>> = {
  "no fence":
    "the fence is for what is outside of DynamoDB and compares it; the sample's bank knows the request by its downstream key instead",
};

/** The faults that show in this layer. */
export const VISIBLE_FAULTS = PLANTED_FAULTS.filter((fault) => INVISIBLE[fault] === undefined);

/** What is likely where a safeguard is to be missed. */
export function chancesWithout(fault: PlantedFault): Chances {
  return { ...USUAL, kill: 0, ...BIASES[fault] };
}

/** Seconds in which clients are at work before what they saw is judged. */
const ROUND_SECONDS = 2;

/** Takes a safeguard away and runs, round after round, until a promise is broken or time is over. */
export async function searchFor(
  stage: Stage,
  fault: PlantedFault,
  { seed, limitSeconds }: { readonly seed: number; readonly limitSeconds: number },
): Promise<Search> {
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
