import {
  type HttpResponse,
  type IdempotencyContext,
  isCommitRefused,
  type TransactWrite,
} from "../../lib/index.ts";
import type { Execution } from "./execution.ts";
import type { Judge } from "./judge.ts";
import type { Decision } from "./reply.ts";
import { resumes, type Service } from "./service.ts";
import { LEDGER } from "./tables.ts";
import type { World } from "./world.ts";

/** The tools of the handler. */
export interface HandlerTools {
  readonly world: World;
  readonly judge: Judge;
  /** Another company's system, which pays once for each key: the first execution by key. */
  readonly bank: Map<string, string>;
}

/** The name of the errors that the handler throws on purpose. */
export const FAILURE = "HandlerFailure";

/** The handler of the simulated service: it pays, unless its fortune is another. */
export async function handle(
  tools: HandlerTools,
  execution: Execution,
  context: IdempotencyContext,
): Promise<HttpResponse> {
  const { fortune } = execution.request;
  // The handler takes its time: another execution may overtake it, and its record may expire.
  await tools.world.wait({ fates: ["killed"] });
  tools.judge.account(execution.request.tenant).run(execution);
  execution.mustKeepKey = fortune !== "rejects" && fortune !== "throws 404";
  if (fortune === "throws") throw createFailure();
  if (fortune === "throws 404") throw createNotFound(execution);
  if (fortune === "returns 503") return createResponse(503, execution);
  if (fortune === "rejects") return context.reject(createResponse(422, execution));
  // A commit that met only conflicts with other transactions may free the key: nothing has begun then.
  const { work } = execution.configuration;
  execution.mustKeepKey = work !== "commit";
  try {
    return await WORKS[work](tools, execution, context);
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    return createResponse(402, execution);
  }
}

const WORKS: Record<Service["work"], typeof handle> = {
  async commit(_, execution, context) {
    const response = createResponse(201, execution);
    const committed = context.commit([createPayment(execution)], response);
    const result = await awaitCommit(execution, committed, response);
    throwIfPlanned(execution);
    return result;
  },

  async bank(tools, execution, context) {
    const pay = () => callBank(tools, execution, context.downstreamKey("payment"));
    if (execution.request.fortune === "lacks the money") return createResponse(402, execution);
    // Where a request is resumed, the payment is a step, under the same key as on other routes.
    const by = resumes(execution.configuration)
      ? await context.step("pay", () => runStep(tools, execution, "pay", pay))
      : await pay();
    throwIfPlanned(execution);
    return createResponse(201, execution, by);
  },

  async steps(tools, execution, context) {
    if (execution.request.fortune === "has a step that throws 404") {
      await context.step("ask", () => Promise.reject(createNotFound(execution)));
    }
    const by = await payInStep(execution, context);
    throwIfPlanned(execution);
    await context.step("tell", () =>
      runStep(tools, execution, "tell", () => awaitMail(tools, execution)),
    );
    return createResponse(201, execution, by);
  },
};

/** Pays in a step whose whole effect is in DynamoDB. Only a careless handler needs another form. */
function payInStep(execution: Execution, context: IdempotencyContext): Promise<string> {
  const { name, request, configuration } = execution;
  const isCareless =
    request.fortune === "does not wait" || request.fortune === "ignores a failed commit";
  return isCareless || configuration.face === "middleware"
    ? context.step("pay", ({ commit }) =>
        awaitCommit(execution, commit([createPayment(execution)], name), name),
      )
    : context.commitStep("pay", () => ({ writes: [createPayment(execution)], result: name }));
}

/** A step with an effect outside DynamoDB. */
function runStep<Result>(
  { judge }: HandlerTools,
  execution: Execution,
  name: string,
  run: () => Promise<Result>,
): Promise<Result> {
  judge.account(execution.request.tenant).recordStep(execution, name);
  return run();
}

/** Awaits a commit, or returns the hoped-for result, as a careless handler does. */
async function awaitCommit<Result>(
  { request: { fortune } }: Execution,
  committed: Promise<Result>,
  hoped: Result,
): Promise<Result> {
  if (fortune === "ignores a failed commit") return committed.catch(() => hoped);
  if (fortune !== "does not wait") return committed;
  committed.catch(() => {});
  return hoped;
}

function throwIfPlanned({ request }: Execution): void {
  if (request.fortune === "throws afterwards") throw createFailure();
}

/** The effect in DynamoDB. It is not idempotent: each write adds another effect. */
function createPayment({ name, request }: Execution): TransactWrite {
  return {
    Update: {
      TableName: LEDGER,
      Key: { id: request.tenant },
      UpdateExpression: "SET #effects = list_append(if_not_exists(#effects, :none), :effect)",
      ...(request.fortune === "lacks the money" && {
        ConditionExpression: "attribute_exists(balance)",
      }),
      ExpressionAttributeNames: { "#effects": "effects" },
      ExpressionAttributeValues: { ":none": [], ":effect": [name] },
    },
  };
}

/** @returns the name of the execution that the bank paid for. */
async function callBank({ world, judge, bank }: HandlerTools, execution: Execution, key: string) {
  const sent = await world.wait({ fates: ["lost", "late", "killed"] });
  const pay = () => {
    const isFirst = !bank.has(key);
    world.tell(() => `${execution.name}: the bank ${isFirst ? "pays" : "has paid before"}`);
    if (!isFirst) return;
    bank.set(key, execution.name);
    judge.account(execution.request.tenant).recordEffect(execution, "elsewhere");
  };
  if (sent.fate === "late") {
    world.schedule({ order: execution.order, fates: [], steps: sent.steps }, pay);
  }
  if (sent.fate !== "happens") {
    world.tell(() => `${execution.name}: the bank does not respond`);
    throw createFailure();
  }
  pay();
  const received = await world.wait({ fates: ["lost", "killed"] });
  if (received.fate !== "happens") throw createFailure();
  return bank.get(key) as string;
}

async function awaitMail({ world }: HandlerTools, execution: Execution): Promise<void> {
  const sent = await world.wait({ fates: ["lost", "killed"] });
  world.tell(() => `${execution.name}: the mail is ${sent.fate === "happens" ? "sent" : "lost"}`);
  if (sent.fate !== "happens") throw createFailure();
}

function createResponse(statusCode: number, { name, request }: Execution, by = name): HttpResponse {
  const { tenant, amount } = request;
  const decision: Decision = { tenant, amount, by };
  return { statusCode, body: JSON.stringify(decision) };
}

/** Its message is a decision, because a stored error has its message as its body. */
function createNotFound(execution: Execution): Error {
  const { body = "" } = createResponse(404, execution);
  return Object.assign(new Error(body), { name: FAILURE, statusCode: 404 });
}

function createFailure(): Error {
  return Object.assign(new Error("the handler has failed"), { name: FAILURE });
}
