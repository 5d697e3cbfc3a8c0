import type { PlantedFault } from "../kit/planted-faults.ts";
import type { ChaosScenario, Violation } from "./scenario.ts";

/** The result of a search for a planted fault. */
export interface SafeguardSearch {
  readonly fault: PlantedFault;
  /** The first broken promise; `undefined` = none was broken. */
  readonly found: Violation | undefined;
  /** The length of the search, in seconds. */
  readonly seconds: number;
}

/** Seconds in which clients or producers are at work before a round is judged. */
const ROUND_SECONDS = 2;

/** Removes a safeguard and runs, round after round, until a promise is broken or the time is over. */
export async function searchForViolation(
  scenario: Pick<ChaosScenario, "run">,
  fault: PlantedFault,
  { seed, limitSeconds }: { readonly seed: number; readonly limitSeconds: number },
): Promise<SafeguardSearch> {
  const startedMs = performance.now();
  const passedSeconds = () => (performance.now() - startedMs) / 1000;
  for (let round = 0; passedSeconds() < limitSeconds; round += 1) {
    const options = { seed: seed + round, seconds: ROUND_SECONDS, without: fault };
    const [found] = (await scenario.run(options)).violations;
    if (found !== undefined) return { fault, found, seconds: passedSeconds() };
  }
  return { fault, found: undefined, seconds: passedSeconds() };
}
