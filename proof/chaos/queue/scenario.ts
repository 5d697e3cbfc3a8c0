import type { EngineName } from "../../../local/engine.ts";
import type { ChaosScenario } from "../scenario.ts";
import type { ArmName } from "./arms.ts";
import { INVISIBLE_TO_QUEUES, queueChancesWithout } from "./planted.ts";
import { runQueueChaos } from "./queue-chaos.ts";
import { openQueueStage } from "./stage.ts";
import { tellQueueStory } from "./story.ts";

/** Stories that a run tells: an arm may break the same promise a hundred times. */
const MOST_STORIES = 5;

/** Consumers of queues. @throws the errors of `openQueueStage`. */
export async function openQueueScenario(
  arm: ArmName,
  { engine, clocksAgree = false }: { engine?: EngineName | undefined; clocksAgree?: boolean } = {},
): Promise<ChaosScenario> {
  const stage = await openQueueStage(arm, engine);
  return {
    engine: stage.engine,
    invisible: INVISIBLE_TO_QUEUES,
    async run({ without, ...options }) {
      stage.plant(without);
      const chances = without && queueChancesWithout(without);
      const result = await runQueueChaos(stage, { ...options, chances, clocksAgree });
      const { orders, messages, deliveries, redriven, deadLetters, violations } = result;
      const { kills, stops, faults } = result;
      const counts = { orders, messages, deliveries, redriven, deadLetters, kills, stops, faults };
      const told = violations.slice(0, MOST_STORIES);
      return { counts, violations, stories: told.map((one) => tellQueueStory(one, result)) };
    },
    close: stage.close,
  };
}
