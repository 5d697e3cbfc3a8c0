import {
  type HttpResponse,
  type IdempotencyContext,
  isCommitRefused,
  type TransactWrite,
} from "../../lib/index.ts";
import type { Execution } from "./account.ts";
import type { Judge } from "./judge.ts";
import type { Service } from "./plan.ts";
import type { Decision } from "./reply.ts";
import { LEDGER } from "./tables.ts";
import type { World } from "./world.ts";

/** What the handler works with. */
export interface Premises {
  readonly work: Service["work"];
  readonly world: World;
  readonly judge: Judge;
  /** Somebody else's system, which does once what it is asked for under one key; by whom first. */
  readonly bank: Map<string, string>;
}

/** What the handler throws of its own accord. */
export const FAILURE = "HandlerFailure";

/** The handler of the simulated service: it pays, unless its fortune is another. */
export async function handle(
  premises: Premises,
  execution: Execution,
  context: IdempotencyContext,
): Promise<HttpResponse> {
  const { fortune } = execution.request;
  // It takes its time, and may be overtaken, or outlive its record.
  await premises.world.wait({ fates: ["killed"] });
  execution.mustKeepKey = fortune !== "rejects" && fortune !== "throws 404";
  if (fortune === "throws") throw failure();
  if (fortune === "throws 404") throw notFound();
  if (fortune === "answers 503") return answer(503, execution);
  if (fortune === "rejects") return context.reject(answer(422, execution));
  // A commit that meets nothing but other transactions may free the key: nothing has begun then.
  execution.mustKeepKey = premises.work !== "commit";
  try {
    return await WORKS[premises.work](premises, execution, context);
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    return answer(402, execution);
  }
}

const WORKS: Record<Service["work"], typeof handle> = {
  async commit(_, execution, context) {
    const response = answer(201, execution);
    const committed = context.commit([payment(execution)], response);
    const known = await carelessly(execution, committed, response);
    mayBreak(execution);
    return known;
  },

  async bank(premises, execution, context) {
    const key = context.downstreamKey("payment");
    if (execution.request.fortune === "is poor") return answer(402, execution);
    const by = await callBank(premises, execution, key);
    mayBreak(execution);
    return answer(201, execution, by);
  },

  async steps(premises, execution, context) {
    if (execution.request.fortune === "has a step that throws 404") {
      await context.step("ask", () => Promise.reject(notFound()));
    }
    const by = await context.step("pay", ({ commit }) =>
      carelessly(execution, commit([payment(execution)], execution.name), execution.name),
    );
    mayBreak(execution);
    await context.step("tell", () => awaitMail(premises, execution));
    return answer(201, execution, by);
  },
};

/** What the handler takes its commit for. */
async function carelessly<Result>(
  { request: { fortune } }: Execution,
  committed: Promise<Result>,
  hoped: Result,
): Promise<Result> {
  if (fortune === "takes no notice") return committed.catch(() => hoped);
  if (fortune !== "does not wait") return committed;
  committed.catch(() => {});
  return hoped;
}

function mayBreak({ request }: Execution): void {
  if (request.fortune === "breaks") throw failure();
}

/** The effect in DynamoDB. It would be repeated as often as it is carried out. */
function payment({ name, request }: Execution): TransactWrite {
  return {
    Update: {
      TableName: LEDGER,
      Key: { id: request.tenant },
      UpdateExpression: "SET #effects = list_append(if_not_exists(#effects, :none), :effect)",
      ...(request.fortune === "is poor" && { ConditionExpression: "attribute_exists(balance)" }),
      ExpressionAttributeNames: { "#effects": "effects" },
      ExpressionAttributeValues: { ":none": [], ":effect": [name] },
    },
  };
}

/** @returns by whom it was paid. */
async function callBank({ world, judge, bank }: Premises, execution: Execution, key: string) {
  const sent = await world.wait({ fates: ["lost", "late", "killed"] });
  const pay = () => {
    const isFirst = !bank.has(key);
    world.tell(() => `${execution.name}: the bank ${isFirst ? "pays" : "has paid before"}`);
    if (!isFirst) return;
    bank.set(key, execution.name);
    judge.account(execution.request.tenant).paid(execution);
  };
  if (sent.fate === "late") {
    world.later({ order: execution.order, fates: [], steps: sent.steps }, pay);
  }
  if (sent.fate !== "happens") {
    world.tell(() => `${execution.name}: the bank does not answer`);
    throw failure();
  }
  pay();
  const heard = await world.wait({ fates: ["lost", "killed"] });
  if (heard.fate !== "happens") throw failure();
  return bank.get(key) as string;
}

async function awaitMail({ world }: Premises, execution: Execution): Promise<void> {
  const sent = await world.wait({ fates: ["lost", "killed"] });
  world.tell(() => `${execution.name}: the mail is ${sent.fate === "happens" ? "sent" : "lost"}`);
  if (sent.fate !== "happens") throw failure();
}

function answer(statusCode: number, { name, request }: Execution, by = name): HttpResponse {
  const { tenant, amount } = request;
  const decision: Decision = { tenant, amount, by };
  return { statusCode, body: JSON.stringify(decision) };
}

function notFound(): Error {
  return Object.assign(failure(), { statusCode: 404 });
}

function failure(): Error {
  return Object.assign(new Error("the handler has failed"), { name: FAILURE });
}
