import type { EngineName } from "../../local/engine.ts";
import { runChaos } from "./chaos.ts";
import { chancesWithout, INVISIBLE } from "./planted.ts";
import type { ChaosScenario } from "./scenario.ts";
import { openChaosStage } from "./stage.ts";
import { tellStory } from "./story.ts";

/** The sample stack, used over HTTP. @throws the errors of `openChaosStage`. */
export async function openHttpScenario(engine?: EngineName): Promise<ChaosScenario> {
  const stage = await openChaosStage(engine);
  return {
    engine: stage.engine,
    invisible: INVISIBLE,
    async run({ without, ...options }) {
      stage.plant(without);
      const chances = without && chancesWithout(without);
      const { violations, diary, ...counts } = await runChaos(stage, { ...options, chances });
      const { keys, requests, kills, stops, faults } = counts;
      return {
        counts: { keys, requests, kills, stops, faults },
        violations,
        stories: violations.map((violation) => tellStory(violation, diary)),
      };
    },
    close: stage.close,
  };
}
