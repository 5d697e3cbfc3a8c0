import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { boundedClient } from "../dynamodb/client.ts";
import type { SetAside } from "../dynamodb/due-partition.ts";
import { readLayoutVariable, TABLE_VARIABLE } from "../dynamodb/layout-variable.ts";
import { systemClock } from "../protocol/clock.ts";
import { patiently } from "../protocol/patience.ts";
import { type CompletedFunction, completeAbandoned } from "./complete-abandoned.ts";
import { readBounds, readFunctions, requiredVariable } from "./environment.ts";
import { metricsLine } from "./metrics.ts";

/*
 * The function of `IdempotencyCompleter`, run by a schedule. Its metrics are written as lines of its
 * log, in CloudWatch's embedded format.
 */

const tableName = requiredVariable(process.env, TABLE_VARIABLE);
const layout = readLayoutVariable();
const functions = readFunctions(process.env);
const bounds = readBounds(process.env);
const client = boundedClient();

/** Longer than any function runs: the reply tells a failure from a success. */
const INVOCATION_TIMEOUT_MS = 16 * 60_000;

const lambda = new LambdaClient({
  // A second attempt of the SDK would run beside the first one.
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: 5_000,
    requestTimeout: INVOCATION_TIMEOUT_MS,
    socketTimeout: INVOCATION_TIMEOUT_MS,
    throwOnRequestTimeout: true,
  },
});

/** Milliseconds of the invocation that must be left to begin with another record. */
const LAST_START_MS = 60_000;

/** The tools that time the waits after DynamoDB has refused a request for now. */
const PATIENCE = { clock: systemClock, randomUUID, leaseMarginMs: LAST_START_MS / 2 };

interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** Finishes abandoned requests. A function that is slow, or cannot be served, holds up no other. */
export async function handler(_event: unknown, context: LambdaContext): Promise<void> {
  const runs = await Promise.allSettled(functions.map((one) => complete(one, context)));
  for (const run of runs) {
    if (run.status === "rejected") throw run.reason;
  }
}

async function complete(
  target: CompletedFunction,
  { getRemainingTimeInMillis: remainingMs }: LambdaContext,
): Promise<void> {
  await completeAbandoned(
    {
      ...bounds,
      client,
      tableName,
      layout,
      patiently: (send) => patiently({ tools: PATIENCE, remainingMs }, send),
      now: systemClock.now,
      invoke,
      hasTime: () => remainingMs() > LAST_START_MS,
      onError: (error) => console.error(error),
      onSetAside: (as, recordId) => console.warn(setAsideLine(target.name, as, recordId)),
      onCounts: (counts) => {
        const metrics = metricsLine(target.name, counts, systemClock.now());
        if (metrics !== undefined) console.log(metrics);
      },
    },
    target,
  );
}

async function invoke(arn: string, event: string): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(event) }),
  );
  if (FunctionError === undefined) return;
  const reply = Payload && Buffer.from(Payload);
  throw new Error(`${arn} failed to finish a request: ${reply}`);
}

const SET_ASIDE: Record<SetAside, string> = {
  unknown:
    "The outcome of a request was given up: it may or may not have taken effect. See docs/runbook.md, Unknown.",
  stuck: "A begun request is not tried any more. See docs/runbook.md, Stuck.",
};

function setAsideLine(service: string, as: SetAside, recordId: string): string {
  return JSON.stringify({ message: SET_ASIDE[as], service, state: as, recordId });
}
