import { type Sample, startSample } from "../../local/demo/sample.ts";
import { type EngineName, startEngine } from "../../local/engine.ts";
import { type Books, booksOf } from "./books.ts";
import { type PlantedEngine, startPlantedEngine } from "./planted-engine.ts";
import { type SkewedClocks, startSkewedClocks } from "./skewed-clocks.ts";

/** Everything that takes part in a run. */
export interface Stage {
  /** Which engine it is. */
  readonly engine: string;
  readonly sample: Sample;
  readonly clocks: SkewedClocks;
  readonly books: Books;
  readonly plant: PlantedEngine["plant"];
  close(): Promise<void>;
}

/** Environments of each function; fewer, and the ones that are stopped would keep all others waiting. */
const MAX_ENVIRONMENTS = 4;

/**
 * Runs the sample, with clocks that disagree, on an engine from which safeguards can be taken away.
 *
 * @throws what `startEngine` and `startSample` throw.
 */
export async function openStage(name?: EngineName): Promise<Stage> {
  const started: { close(): unknown }[] = [];
  const close = async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  const keep = <Part extends { close(): unknown }>(part: Part): Part => {
    started.push(part);
    return part;
  };
  try {
    const engine = keep(await startEngine(name && { engine: name }));
    const planted = keep(await startPlantedEngine(engine.endpoint));
    const clocks = keep(startSkewedClocks());
    const sample = keep(
      await startSample({
        port: 0,
        endpoint: planted.endpoint,
        clock: clocks.clockOf,
        maxEnvironments: MAX_ENVIRONMENTS,
        // An environment that is killed while it loads is no news.
        log: () => {},
      }),
    );
    const books = keep(booksOf(sample, engine.endpoint));
    return { engine: engine.name, sample, clocks, books, plant: planted.plant, close };
  } catch (error) {
    await close();
    throw error;
  }
}
