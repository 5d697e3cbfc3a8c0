import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Arm } from "../arms/arm.ts";
import { createBusiness } from "../arms/business.ts";
import { createResponse } from "./answers.ts";
import { createEvent, createInvocationContext, type HttpEvent } from "./event.ts";
import type { BenchPath } from "./paths.ts";

/** The tables of the measured engine. */
export interface Tables {
  readonly records: string;
  readonly ledger: string;
}

/** An arm, ready to receive the request of a path any number of times. */
export interface StagedArm {
  readonly client: DynamoDBClient;
  /** Restores the state before the request, if it is gone. */
  prepare(): Promise<void>;
  /** Sends the request after `prepare`, and resolves to its outcome, an error included. */
  request(): Promise<unknown>;
  /** Sends any request to the handler; resolves to its response, or to the error that it threw. */
  send(event: HttpEvent): Promise<unknown>;
  /** @throws if such a request does not reach the outcome that its path expects. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A refusal by an error (Powertools) or by a response (ours). */
type Outcome = { readonly error: Error } | { readonly statusCode?: number; readonly body?: string };

export function stageArm(arm: Arm, path: BenchPath, endpoint: string, tables: Tables): StagedArm {
  const client = arm.connect(endpoint);
  const business = createBusiness(tables.ledger);
  const answer = createResponse(path.answerBytes);
  // With `claimAt: "commit"` there is no effect outside the commit.
  const effect = arm.knows.outsideEffects ? path.effect : "transfer";
  const wiring = { client, records: tables.records, business, effect, answer, cached: path.cached };
  const handler = arm.handler(wiring);
  const send = (event: HttpEvent) =>
    handler(event, createInvocationContext()).catch((error: unknown) => ({ error }));
  let event: HttpEvent | undefined;
  let hanging: Promise<unknown> = Promise.resolve();

  /** An execution in flight must not outlive its request: Middy would end it later, inside a sample. */
  async function finish(): Promise<void> {
    business.letGo();
    await hanging;
  }

  async function prepare(): Promise<void> {
    await finish();
    // A replay leaves the record as it is; a refusal may not (Powertools' middleware deletes it).
    if (path.expected === "replayed" && event !== undefined) return;
    const key = randomUUID();
    const first = createEvent(key);
    if (path.before === "completed") await send(first);
    if (path.before === "in flight") {
      const begun = business.hangNext();
      hanging = send(first);
      await begun;
    }
    event = path.request === "same" ? first : createEvent(key, { amountMinor: 9_900 });
  }

  const request = () => send(event as HttpEvent);

  return {
    client,
    prepare,
    request,
    send,
    async close() {
      await finish();
      client.destroy();
    },
    async check() {
      await prepare();
      const before = business.executions();
      const outcome = (await request()) as Outcome;
      const found = judge(outcome, answer.body);
      const executed = business.executions() > before;
      // With `claimAt: "commit"` the handler of a repeat runs, and its commit is refused.
      const mayRun = path.expected === "executed" || !arm.knows.outsideEffects;
      if (found === path.expected && (mayRun || !executed)) return;
      throw new Error(
        `${arm.name}, ${path.name}: expected to be ${path.expected}, but it was ${found}${executed ? " and the handler ran" : ""}: ${JSON.stringify(outcome)?.slice(0, 300)}${"error" in outcome ? outcome.error : ""}`,
      );
    },
  };

  function judge(outcome: Outcome, body: string | undefined) {
    if (outcome === undefined || "error" in outcome)
      return isRefusal(outcome) ? "refused" : "failed";
    if ([409, 422].includes(outcome.statusCode ?? 0)) return "refused";
    if (outcome.body !== body) return "another answer";
    return path.expected === "executed" ? "executed" : "replayed";
  }
}

function isRefusal(outcome: { readonly error: Error } | undefined): boolean {
  // The bare calls find no stored response, and return nothing.
  if (outcome === undefined) return true;
  const refusals = ["IdempotencyAlreadyInProgressError", "IdempotencyValidationError"];
  return refusals.includes(outcome.error.name);
}
