import type { Execution } from "./account.ts";
import { type Environment, LIMIT_MS } from "./environment.ts";
import { FAILURE } from "./handler.ts";
import type { RequestPlan } from "./plan.ts";
import { describeReply, type Reply, readDecision } from "./reply.ts";
import type { SimulationStage } from "./time.ts";

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
  environment: number,
): Promise<void> {
  const { world, judge } = stage;
  for (const first of new Map(requests.map((request) => [request.tenant, request])).values()) {
    for (const nth of ["last", "very last"]) {
      const amount = judge.account(first.tenant).openWindow()?.amount ?? first.amount;
      const request: RequestPlan = { ...first, amount, environment, fortune: "pays" };
      const name = `${first.tenant}'s ${nth} request`;
      world.schedule({ order: 0, fates: [] }, () =>
        execute(stage, name, 0, request, (reply) => checkLast(stage, name, reply)),
      );
      await world.run([], () => {});
    }
  }
}

function checkLast({ service, judge }: SimulationStage, name: string, reply: Reply): void {
  const isRefusedForEver = service.profile === "gluwa" && reply.statusCode === 409;
  if (readDecision(reply) !== undefined || isRefusedForEver) return;
  judge.reportViolation(`${name} got no final response, but ${describeReply(reply)}`);
}

/** Runs the function for a request. */
export async function execute(
  stage: SimulationStage,
  name: string,
  order: number,
  request: RequestPlan,
  onReply: (reply: Reply) => void = () => {},
  event?: object,
): Promise<void> {
  const { world, judge } = stage;
  const { tenant, amount, environment, fortune } = request;
  const account = judge.account(tenant);
  const open = account.openWindow();
  const execution: Execution = {
    ...{ name, order, request },
    isCompletion: event !== undefined,
    isConcurrent: fortune === "does not wait",
    endedBefore: account.countEnded(),
    answeredWindow: open?.success !== undefined && open.amount === amount ? open : undefined,
    mustKeepKey: false,
  };
  const untilMs = world.now() + LIMIT_MS;
  world.tell(
    () =>
      `${name}: ${tenant} pays ${amount}; in environment ${environment + 1} the handler ${fortune}`,
  );
  judge.register(execution);
  await world.begin(execution, async () => {
    const reply = await invoke(stage, execution, event);
    world.schedule({ order, fates: ["lost"] }, ({ fate }) => {
      // After its time limit, a response reaches no client.
      const hasArrived = fate === "happens" && world.now() <= untilMs;
      world.tell(
        () =>
          `${hasArrived ? `${name} gets the response` : `the response to ${name} does not arrive:`} ${describeReply(reply)}`,
      );
      if (hasArrived) judge.checkReply(execution, reply);
      onReply(reply);
    });
  });
}

/** Expected errors of the function: its handler's own, and the error for steps that contradict the record. */
const EXPECTED = new Set([FAILURE, "IdempotencyStepError"]);

async function invoke(
  { environments, judge }: SimulationStage,
  execution: Execution,
  event?: object,
): Promise<Reply> {
  try {
    return await (environments[execution.request.environment] as Environment).invoke(
      execution,
      event,
    );
  } catch (error) {
    const { name, message } = error as Error;
    if (!EXPECTED.has(name))
      judge.reportViolation(`${execution.name} has failed with ${name}: ${message}`);
    return { statusCode: 500, body: message };
  }
}
