import { LIMIT_MS } from "./environment.ts";
import type { Execution } from "./execution.ts";
import { FAILURE } from "./handler.ts";
import type { RequestPlan } from "./plan.ts";
import { describeReply, type Reply } from "./reply.ts";
import type { SimulationStage } from "./stage.ts";
import { RECORDS } from "./tables.ts";

/** Sends the requests of a plan. A request may be lost or arrive twice; its response may be lost. */
export function sendAll(stage: SimulationStage, requests: readonly RequestPlan[]): void {
  const { world } = stage;
  for (const [order, request] of requests.entries()) {
    const name = `request ${order + 1}`;
    world.schedule({ order, fates: ["lost", "twice"] }, async ({ fate, steps }) => {
      if (fate === "twice") {
        const again = `${name} (again)`;
        world.schedule({ order, fates: [], steps }, () => execute(stage, again, order, request));
      }
      if (fate !== "lost") return execute(stage, name, order, request);
      world.tell(() => `${name} is lost`);
    });
  }
}

/**
 * Sends two more requests for each tenant, after all faults have ended. Each must get a final
 * response.
 */
export async function sendLastRequests(
  stage: SimulationStage,
  requests: readonly RequestPlan[],
): Promise<void> {
  const { world, judge, engine } = stage;
  const environment = stage.environments - 1;
  for (const first of new Map(requests.map((request) => [request.tenant, request])).values()) {
    for (const nth of ["last", "very last"]) {
      const amount = judge.account(first.tenant).openWindow()?.amount ?? first.amount;
      const request: RequestPlan = { ...first, amount, environment, fortune: "pays" };
      const name = `${first.tenant}'s ${nth} request`;
      world.schedule({ order: 0, fates: [] }, () =>
        execute(stage, name, 0, request, (reply, execution) =>
          judge.checkLast(execution, reply, engine.items(RECORDS)),
        ),
      );
      await world.run([], () => {});
    }
  }
}

/** Runs the function for a request. */
export async function execute(
  stage: SimulationStage,
  name: string,
  order: number,
  request: RequestPlan,
  onReply: (reply: Reply, execution: Execution) => void = () => {},
  event?: object,
): Promise<void> {
  const { world, judge } = stage;
  const { tenant, amount, environment, fortune } = request;
  const { configuration, clock } = stage.environment(environment);
  const execution: Execution = {
    ...{ name, order, request, configuration, clock },
    isCompletion: event !== undefined,
    isConcurrent: fortune === "does not wait",
    ...{ moment: 0, beganAtMs: 0, windowsBefore: 0, endedBefore: 0 },
    ...{ answeredWindow: undefined, hasReplied: false, mustKeepKey: false },
  };
  const untilMs = world.now() + LIMIT_MS;
  world.tell(
    () =>
      `${name}: ${tenant} pays ${amount}; in environment ${environment + 1} the handler ${fortune}`,
  );
  judge.register(execution);
  const open = judge.account(tenant).openWindow(execution);
  execution.answeredWindow =
    open?.success !== undefined && open.amount === amount ? open : undefined;
  await world.begin(execution, async () => {
    const reply = await invoke(stage, execution, event);
    execution.hasReplied = true;
    world.schedule({ order, fates: ["lost"] }, ({ fate }) => {
      // After its time limit, a response reaches no client.
      const hasArrived = fate === "happens" && world.now() <= untilMs;
      world.tell(
        () =>
          `${hasArrived ? `${name} gets the response` : `the response to ${name} does not arrive:`} ${describeReply(reply)}`,
      );
      if (hasArrived) judge.checkReply(execution, reply);
      onReply(reply, execution);
    });
  });
}

/** Expected errors of the function: its handler's own, and the error for steps that contradict the record. */
const EXPECTED = new Set([FAILURE, "IdempotencyStepError"]);

async function invoke(
  stage: SimulationStage,
  execution: Execution,
  event?: object,
): Promise<Reply> {
  const { judge } = stage;
  try {
    return await stage.environment(execution.request.environment).invoke(execution, event);
  } catch (error) {
    const { name, message, statusCode } = error as Error & { readonly statusCode?: number };
    if (!EXPECTED.has(name))
      judge.reportViolation(`${execution.name} has failed with ${name}: ${message}`);
    // As an error handler in front of the layer does it.
    return { statusCode: statusCode ?? 500, body: message };
  }
}
