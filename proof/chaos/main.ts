import { parseArgs } from "node:util";
import type { EngineName } from "../../local/engine.ts";
import { runChaos } from "./chaos.ts";
import { openStage } from "./stage.ts";
import { storyOf } from "./story.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    seed: { type: "string" },
    engine: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(values.seconds);
const stage = await openStage(values.engine as EngineName | undefined);
try {
  console.error(`seed ${seed}, engine ${stage.engine}`);
  const { violations, ...counts } = await runChaos(stage, { seed, seconds, report: console.error });
  for (const violation of violations) console.error(storyOf(violation));
  console.log(
    JSON.stringify({
      seed,
      engine: stage.engine,
      seconds,
      ...counts,
      violations: violations.length,
    }),
  );
  process.exitCode = violations.length > 0 ? 1 : 0;
} finally {
  await stage.close();
}
