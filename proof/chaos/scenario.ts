import type { PlantedFault } from "../kit/planted-faults.ts";

/** A broken promise. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

/** The length of a run and its decisions. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly seconds: number;
  /** The safeguard to remove; the trouble is then the one in which its absence shows. */
  readonly without?: PlantedFault | undefined;
  /** Takes a line about the progress. */
  readonly report?: (line: string) => void;
}

/** The counts and violations of a run. */
export interface ScenarioResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** The violations with the events that led to them. */
  readonly stories: readonly string[];
}

/** A system under chaos, with the clients that use it and the checker that judges it. */
export interface ChaosScenario {
  /** The name of the engine. */
  readonly engine: string;
  /** The reason why a planted fault cannot show here. It matters all the same: other layers find it. */
  readonly invisible: Partial<Record<PlantedFault, string>>;
  run(options: ScenarioOptions): Promise<ScenarioResult>;
  close(): Promise<void>;
}
