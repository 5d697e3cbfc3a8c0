import type { Database } from "../../lib/testing/engine/database.ts";
import type { Environment } from "./environment.ts";
import type { Judge } from "./judge.ts";
import type { World } from "./world.ts";

/** The parts of a simulation on which requests, deployments and time have an effect. */
export interface SimulationStage {
  readonly world: World;
  readonly engine: Database;
  readonly judge: Judge;
  /** The number of environments that serve new requests; the last of them serves the last requests. */
  readonly environments: number;
  /** The process that serves new requests in the place of an environment. */
  environment(number: number): Environment;
  /** Deploys the other configuration. */
  deploy(choice: number): void;
}
