import { type Sample, startSample } from "../../local/demo/sample.ts";
import { type EngineName, startEngine } from "../../local/engine.ts";
import { type Books, createBooks } from "./books.ts";
import { type PlantedEngine, startPlantedEngine } from "./planted-engine.ts";
import { type SkewedClocks, startSkewedClocks } from "./skewed-clocks.ts";

/** The parts of a run: the sample, its engine, its clocks and its books. */
export interface ChaosStage {
  /** The name of the engine. */
  readonly engine: string;
  readonly sample: Sample;
  readonly clocks: SkewedClocks;
  readonly books: Books;
  readonly plant: PlantedEngine["plant"];
  close(): Promise<void>;
}

/** Environments of each function. With fewer, stopped environments would hold up all requests. */
const MAX_ENVIRONMENTS = 4;

/**
 * Runs the sample, with clocks that disagree, on an engine behind a proxy that can remove safeguards.
 *
 * @throws the errors of `startEngine` and `startSample`.
 */
export async function openChaosStage(name?: EngineName): Promise<ChaosStage> {
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
        clock: clocks.chooseClock,
        maxEnvironments: MAX_ENVIRONMENTS,
        // An environment that is killed while it loads is not worth a line.
        log: () => {},
      }),
    );
    const books = keep(createBooks(sample, engine.endpoint));
    return { engine: engine.name, sample, clocks, books, plant: planted.plant, close };
  } catch (error) {
    await close();
    throw error;
  }
}
