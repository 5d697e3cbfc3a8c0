import type { Execution } from "./account.ts";
import { type Environment, LIMIT_MS } from "./environment.ts";
import { FAILURE } from "./handler.ts";
import type { RequestPlan } from "./plan.ts";
import { decisionIn, type Reply, wordsOf } from "./reply.ts";
import type { Stage } from "./time.ts";

/** Sends the requests of a plan, which may be lost, arrive twice, or never be answered. */
export function sendAll(stage: Stage, requests: readonly RequestPlan[]): void {
  const { world } = stage;
  for (const [order, request] of requests.entries()) {
    const name = `request ${order + 1}`;
    world.later({ order, fates: ["lost", "twice"] }, async ({ fate, steps }) => {
      if (fate === "twice") {
        const again = `${name} (again)`;
        world.later({ order, fates: [], steps }, () => execute(stage, again, order, request));
      }
      if (fate !== "lost") return execute(stage, name, order, request);
      world.tell(() => `${name} is lost`);
    });
  }
}

/**
 * When all faults have ended: whoever has asked asks once more, and again, and must be given an
 * answer that counts.
 */
export async function askOnceMore(
  stage: Stage,
  requests: readonly RequestPlan[],
  environment: number,
): Promise<void> {
  const { world, judge } = stage;
  for (const first of new Map(requests.map((request) => [request.tenant, request])).values()) {
    for (const nth of ["last", "very last"]) {
      const amount = judge.account(first.tenant).open()?.amount ?? first.amount;
      const request: RequestPlan = { ...first, amount, environment, fortune: "pays" };
      const name = `${first.tenant}'s ${nth} request`;
      world.later({ order: 0, fates: [] }, () =>
        execute(stage, name, 0, request, (reply) => checkLast(stage, name, reply)),
      );
      await world.run([], () => {});
    }
  }
}

function checkLast({ service, judge }: Stage, name: string, reply: Reply): void {
  const isRefusedForEver = service.profile === "gluwa" && reply.statusCode === 409;
  if (decisionIn(reply) !== undefined || isRefusedForEver) return;
  judge.objects(`${name} got no answer that counts, but ${wordsOf(reply)}`);
}

/** Runs the function for a request. */
export async function execute(
  stage: Stage,
  name: string,
  order: number,
  request: RequestPlan,
  onReply: (reply: Reply) => void = () => {},
  event?: object,
): Promise<void> {
  const { world, judge } = stage;
  const { tenant, amount, environment, fortune } = request;
  const account = judge.account(tenant);
  const open = account.open();
  const execution: Execution = {
    ...{ name, order, request },
    isCompletion: event !== undefined,
    isManifold: fortune === "does not wait",
    endedBefore: account.ended(),
    toldBefore: open?.heard !== undefined && open.amount === amount ? open : undefined,
    mustKeepKey: false,
  };
  const untilMs = world.now() + LIMIT_MS;
  world.tell(
    () =>
      `${name}: ${tenant} pays ${amount}; in environment ${environment + 1} the handler ${fortune}`,
  );
  judge.began(execution);
  await world.begin(execution, async () => {
    const reply = await invoke(stage, execution, event);
    world.later({ order, fates: ["lost"] }, ({ fate }) => {
      // Whoever answers too late answers nobody.
      const isHeard = fate === "happens" && world.now() <= untilMs;
      world.tell(
        () => `${name} ${isHeard ? "is answered" : "would be answered"}: ${wordsOf(reply)}`,
      );
      if (isHeard) judge.heard(execution, reply);
      onReply(reply);
    });
  });
}

/** Errors of the function: what its handler throws, and what it is told if it denies its own steps. */
const EXPECTED = new Set([FAILURE, "IdempotencyStepError"]);

async function invoke(
  { environments, judge }: Stage,
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
    if (!EXPECTED.has(name)) judge.objects(`${execution.name} has failed with ${name}: ${message}`);
    return { statusCode: 500, body: message };
  }
}
