import { completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { execute } from "./clients.ts";
import { FUNCTION } from "./environment.ts";
import { createClient, type Network } from "./network.ts";
import type { RequestPlan } from "./plan.ts";
import type { SimulationStage } from "./stage.ts";
import { RECORDS } from "./tables.ts";

const TARGET = { name: FUNCTION, arn: FUNCTION, functionName: FUNCTION };

/**
 * Creates a completer, which finishes abandoned requests.
 *
 * @returns a function that schedules a run of the completer.
 */
export function createCompleter(stage: SimulationStage, network: Network): (order: number) => void {
  const { world } = stage;
  let calls = 0;

  /** Calls the function, and waits for its end: for ever, if it is killed. */
  async function call(order: number, text: string): Promise<void> {
    const event = JSON.parse(text);
    const { amount } = JSON.parse(event.body);
    const { tenant } = JSON.parse(event.idempotencyCompletion.kept);
    calls += 1;
    const name = `the completer's call ${calls}`;
    const request: RequestPlan = { tenant, amount, environment: 0, fortune: "pays" };
    const { end, wake } = world.sleep();
    world.schedule({ order, fates: [] }, () => execute(stage, name, order, request, wake, event));
    await end;
  }

  return (order) =>
    world.schedule({ order, fates: [] }, () => {
      world.tell(() => "the completer runs");
      return world.begin({ name: "the completer", order, isConcurrent: true }, async () => {
        const tools = {
          client: createClient(network),
          tableName: RECORDS,
          now: world.now,
          invoke: (_: string, text: string) => call(order, text),
          hasTime: () => true,
          maxAttempts: 10,
          maxAgeMs: 24 * 60 * 60 * 1_000,
          onError: () => {},
          onSetAside: () => {},
          onCounts: () => {},
        };
        // The next run repeats a failed one.
        await completeAbandoned(tools, TARGET).catch(() => {});
      });
    });
}
