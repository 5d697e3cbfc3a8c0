import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { boundedClient } from "../dynamodb/client.ts";
import { readLayoutVariable, TABLE_VARIABLE } from "../dynamodb/layout-variable.ts";
import { ConfigurationError } from "../errors.ts";
import { systemClock } from "../protocol/clock.ts";
import { patiently } from "../protocol/patience.ts";
import { type CompleterCounts, completeAbandoned } from "./complete-abandoned.ts";

/*
 * The function of `IdempotencyCompleter`, run by a schedule. Its metrics are written as lines of its
 * log, in CloudWatch's embedded format.
 */

const tableName = requiredVariable(TABLE_VARIABLE);
const layout = readLayoutVariable();
const functionNames = requiredVariable("FUNCTION_NAMES").split(",");
const client = boundedClient();
// A second attempt of the SDK would run beside the first one.
const lambda = new LambdaClient({ maxAttempts: 1 });

/** Milliseconds of the invocation that must be left to begin with another record. */
const LAST_START_MS = 60_000;

/** The tools that time the waits after DynamoDB has refused a request for now. */
const PATIENCE = { clock: systemClock, randomUUID, leaseMarginMs: LAST_START_MS / 2 };

/** Finishes abandoned requests, function by function. */
export async function handler(
  _event: unknown,
  { getRemainingTimeInMillis }: { readonly getRemainingTimeInMillis: () => number },
): Promise<void> {
  const invocation = { remainingMs: getRemainingTimeInMillis };
  for (const functionName of functionNames) {
    const counts = await completeAbandoned(
      {
        client,
        tableName,
        layout,
        patiently: (send) => patiently(PATIENCE, invocation, send),
        now: systemClock.now,
        invoke,
        hasTime: () => getRemainingTimeInMillis() > LAST_START_MS,
        onError: (error) => console.error(error),
      },
      functionName,
    );
    console.log(metrics(functionName, counts));
  }
}

async function invoke(functionName: string, event: string): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(event) }),
  );
  if (FunctionError === undefined) return;
  const reply = Payload && Buffer.from(Payload);
  throw new Error(`${functionName} failed to finish a request: ${reply}`);
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metrics(functionName: string, { completed, unknown, unfinished }: CompleterCounts) {
  const values = { Completed: completed, Unknown: unknown, Unfinished: unfinished };
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: "Count" }));
  return JSON.stringify({
    _aws: {
      Timestamp: systemClock.now(),
      CloudWatchMetrics: [
        { Namespace: "LambdaIdempotency", Dimensions: [["FunctionName"]], Metrics },
      ],
    },
    FunctionName: functionName,
    ...values,
  });
}

function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new ConfigurationError(
    `idempotency: the environment variable ${name} is not set. IdempotencyCompleter sets it.`,
  );
}
