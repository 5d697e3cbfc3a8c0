import { completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { execute } from "./clients.ts";
import { FUNCTION } from "./environment.ts";
import { clientOf, type Network } from "./network.ts";
import type { RequestPlan } from "./plan.ts";
import { RECORDS } from "./tables.ts";
import type { Stage } from "./time.ts";

/**
 * Makes a completer, which finishes what it finds abandoned.
 *
 * @returns lets it come by.
 */
export function completerOf(stage: Stage, network: Network): (order: number) => void {
  const { world } = stage;
  let calls = 0;

  /** Calls the function, and waits for its end; if it is killed, for ever. */
  async function call(order: number, text: string): Promise<void> {
    const event = JSON.parse(text);
    const { amount } = JSON.parse(event.body);
    calls += 1;
    const name = `the completer's call ${calls}`;
    const request: RequestPlan = { tenant: event.tenant, amount, environment: 0, fortune: "pays" };
    const { end, wake } = world.sleep();
    world.later({ order, fates: [] }, () => execute(stage, name, order, request, wake, event));
    await end;
  }

  return (order) =>
    world.later({ order, fates: [] }, () => {
      world.tell(() => "the completer comes by");
      return world.begin({ name: "the completer", order, isManifold: true }, async () => {
        const tools = {
          client: clientOf(network),
          tableName: RECORDS,
          now: world.now,
          invoke: (_: string, text: string) => call(order, text),
          hasTime: () => true,
          onError: () => {},
        };
        // What it cannot do now, it does the next time.
        await completeAbandoned(tools, FUNCTION).catch(() => {});
      });
    });
}
