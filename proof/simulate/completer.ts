import { completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { execute } from "./clients.ts";
import { FUNCTION } from "./environment.ts";
import { clientOf, type Network } from "./network.ts";
import type { RequestPlan } from "./plan.ts";
import { RECORDS } from "./tables.ts";
import type { Stage } from "./time.ts";
import type { Actor } from "./world.ts";

/** The completer comes by, and finishes what it finds abandoned. */
export function comeBy(stage: Stage, network: Network, order: number): void {
  const { world } = stage;
  const actor: Actor = { name: "the completer", order, isManifold: true };
  let calls = 0;

  /** Calls the function, and waits for its end; if it is killed, for ever. */
  async function invoke(_: string, text: string): Promise<void> {
    const event = JSON.parse(text);
    const { amount } = JSON.parse(event.body);
    calls += 1;
    const name = `the completer's call ${calls} at ${world.now()}`;
    const request: RequestPlan = { tenant: event.tenant, amount, environment: 0, fortune: "pays" };
    const { end, wake } = world.sleep();
    world.later({ order, fates: [] }, () => execute(stage, name, order, request, wake, event));
    await end;
  }

  world.later({ order, fates: [] }, () => {
    world.tell(() => "the completer comes by");
    return world.begin(actor, async () => {
      const tools = { client: clientOf(network), tableName: RECORDS, now: world.now, invoke };
      const rest = { hasTime: () => true, onError: () => {} };
      await completeAbandoned({ ...tools, ...rest }, FUNCTION).catch(() => {});
    });
  });
}
