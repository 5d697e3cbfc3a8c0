import { startTap } from "../../local/tap.ts";
import { ARMS } from "../arms/arms.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { progress } from "../print/progress.ts";
import { canTake, PATHS } from "../requests/paths.ts";
import { stageArm } from "../requests/stage.ts";
import { meterWire, type WireCost } from "./wire-meter.ts";

/** The cost of one request on the wire. */
export interface WireRow extends WireCost {
  readonly path: string;
  readonly arm: string;
}

/** Meters one request of each arm on each path, through an HTTP tap. */
export async function meterPaths(engine: EngineUnderTest): Promise<WireRow[]> {
  const tap = await startTap(engine.endpoint);
  try {
    const meter = meterWire(tap, engine.direct);
    const rows: WireRow[] = [];
    for (const path of PATHS) {
      for (const arm of ARMS.filter((one) => canTake(one, path))) {
        progress(`on the wire: ${path.name}, ${arm.name}`);
        const staged = stageArm(arm, path, tap.endpoint(), engine.tables);
        await staged.prepare();
        meter.take();
        await staged.request();
        rows.push({ path: path.name, arm: arm.name, ...meter.take() });
        await staged.close();
      }
    }
    return rows;
  } finally {
    await tap.close();
  }
}
