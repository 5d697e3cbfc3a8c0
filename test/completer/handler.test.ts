import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import cdk from "../../cdk.json" with { type: "json" };
import { IdempotencyCompleter, IdempotencyTable } from "../../lib/cdk/index.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";
import { gluwa, orzcash, type Profile } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import type { InvocationResult } from "../../local/functions/environment.ts";
import { type LambdaApi, startLambdaApi } from "../../local/lambda-api.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, type Service, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };

const environment = { ...process.env };
let engine: Engine;
let tableName: string;
let lambdaApi: LambdaApi;
/** The function behind the name "pay". */
let pay: Service | undefined;
/** Whether the connection is cut before the function runs, and how often it was. */
const cuts = { isOn: false, count: 0 };

beforeAll(async () => {
  engine = await startEngine();
  lambdaApi = await startLambdaApi((name, payload) =>
    name === "pay" ? invoke(payload) : undefined,
  );
  tableName = await createTable(clientOf(engine));
  Object.assign(process.env, {
    IDEMPOTENCY_TABLE: tableName,
    FUNCTION_NAMES: "pay,idle",
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambdaApi.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
}, 30_000);

afterAll(async () => {
  process.env = environment;
  await lambdaApi.close();
  await engine.close();
});

async function invoke(payload: string): Promise<InvocationResult> {
  if (cuts.isOn) {
    cuts.count += 1;
    throw new Error("the connection is cut");
  }
  try {
    const answer = await pay?.call(JSON.parse(payload), CONTEXT);
    return { outcome: "returned", payload: JSON.stringify(answer) };
  } catch (error) {
    const payload = JSON.stringify({ errorMessage: (error as Error).message });
    return { outcome: "failed", payload };
  }
}

/** Requests whose claims have lapsed by the clock of the completer: their own is long past. */
async function abandon(
  profile: Profile,
  behaviour: Behaviour,
  requests = 1,
  layout: LayoutOptions = {},
): Promise<void> {
  const store = dynamoDbStore({ tableName, client: clientOf(engine), ...layout });
  pay = serviceOf(behaviour, { store, profile });
  pay.clock.advance(-10 * 365 * 24 * 60 * 60 * 1000);
  for (let request = 0; request < requests; request += 1) {
    const key = randomUUID();
    const event = httpApiEvent({ key, body: JSON.stringify({ Idem: key }) });
    await expect(pay.call(event, CONTEXT)).rejects.toThrow("it dies");
  }
  // Later writes have the present time.
  pay.clock.advance(Date.now() - pay.clock.now());
}

/** The lines that the function logs in one run. */
async function runCompleter(remainingMs = 300_000) {
  const log = jest.spyOn(console, "log").mockImplementation(() => {});
  const error = jest.spyOn(console, "error").mockImplementation(() => {});
  // Each run is a cold start.
  jest.resetModules();
  const { handler } = await import("../../lib/completer/handler.ts");
  await handler({}, { getRemainingTimeInMillis: () => remainingMs });
  const metrics = log.mock.calls.map(([line]) => JSON.parse(line));
  const errors = error.mock.calls.map(([{ message }]) => message);
  log.mockRestore();
  error.mockRestore();
  return { metrics, errors };
}

const die = () => Promise.reject(new Error("it dies"));

/** The metrics for which the construct has alarms, by namespace, dimension and name. */
function alarmedMetrics() {
  // The templates of this construct are validated by the tests of test/cdk.
  const context = {
    ...cdk.context,
    "aws:cdk:bundling-stacks": [],
    "@aws-cdk/core:validateAgainstDefaultRules": false,
  };
  const stack = new Stack(new App({ context }));
  const pay = new LambdaFunction(stack, "Pay", {
    functionName: "pay",
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = () => {};"),
  });
  const table = new IdempotencyTable(stack, "Idempotency", { dueIndex: true });
  new IdempotencyCompleter(stack, "Completer", { table, functions: [pay] });
  return Object.values(Template.fromStack(stack).findResources("AWS::CloudWatch::Alarm"))
    .map(({ Properties: { Namespace, Dimensions, MetricName } }) => ({
      Namespace,
      dimensions: Dimensions.map(({ Name }: { Name: string }) => Name),
      MetricName,
    }))
    .filter(({ Namespace }) => Namespace === "LambdaIdempotency");
}

test("the counts of the completer are logged as the metrics that have alarms", async () => {
  await abandon(gluwa(), die);
  const { metrics: lines } = await runCompleter();

  expect(lines).toMatchObject([
    { FunctionName: "pay", Completed: 0, Unknown: 1, Unfinished: 0 },
    { FunctionName: "idle", Completed: 0, Unknown: 0, Unfinished: 0 },
  ]);
  const alarmed = alarmedMetrics();
  expect(alarmed.map(({ MetricName }) => MetricName).sort()).toEqual(["Unfinished", "Unknown"]);
  for (const { Namespace, dimensions, MetricName } of alarmed) {
    for (const { _aws } of lines) {
      expect(_aws.CloudWatchMetrics).toEqual([
        expect.objectContaining({
          Namespace,
          Dimensions: [dimensions],
          Metrics: expect.arrayContaining([{ Name: MetricName, Unit: "Count" }]),
        }),
      ]);
    }
  }
});

test("a function is invoked with the event of an abandoned request, and finishes it", async () => {
  await abandon(orzcash(), ({ count }) => (count === 1 ? die() : { statusCode: 201 }));
  const { metrics, errors } = await runCompleter();
  expect(metrics[0]).toMatchObject({ Completed: 1, Unknown: 0, Unfinished: 0 });
  expect(pay?.runs()).toBe(2);
  expect(errors).toEqual([]);
});

test("a failed function is logged with its name and its error", async () => {
  await abandon(orzcash(), die);
  const { metrics, errors } = await runCompleter();
  expect(metrics[0]).toMatchObject({ Completed: 0, Unknown: 0, Unfinished: 1 });
  expect(errors).toEqual(['pay failed to finish a request: {"errorMessage":"it dies"}']);
});

test("an invocation with an unknown end is not sent again at once, because the first may still run", async () => {
  await abandon(orzcash(), die);
  cuts.isOn = true;
  const { metrics, errors } = await runCompleter();
  cuts.isOn = false;
  expect(metrics[0]).toMatchObject({ Completed: 0, Unknown: 0, Unfinished: 1 });
  expect(errors).toHaveLength(1);
  expect(cuts.count).toBe(1);
});

test("no other page is begun in the last minute", async () => {
  await abandon(gluwa(), die, 21);
  expect((await runCompleter(60_000)).metrics[0].Unknown).toBe(10);
  expect((await runCompleter(60_001)).metrics[0].Unknown).toBe(11);
});

test("a layout that is no JSON text is named, with its value", async () => {
  process.env.IDEMPOTENCY_TABLE_LAYOUT = "pk";
  jest.resetModules();
  await expect(import("../../lib/completer/handler.ts")).rejects.toThrow(
    "idempotency: the environment variable IDEMPOTENCY_TABLE_LAYOUT is pk; expected the JSON text",
  );
  delete process.env.IDEMPOTENCY_TABLE_LAYOUT;
});

test("a table of another layout is read as the variable says", async () => {
  const tableBefore = tableName;
  const layout = { keyAttributes: { partitionKey: "pk" }, attributes: { due: "dueAt" } };
  tableName = await createTable(clientOf(engine), layout);
  process.env.IDEMPOTENCY_TABLE = tableName;
  process.env.IDEMPOTENCY_TABLE_LAYOUT = JSON.stringify(layout);
  await abandon(gluwa(), die, 1, layout);
  expect((await runCompleter()).metrics[0]).toMatchObject({ Unknown: 1, Unfinished: 0 });
  delete process.env.IDEMPOTENCY_TABLE_LAYOUT;
  process.env.IDEMPOTENCY_TABLE = tableBefore;
  tableName = tableBefore;
});

test.each(["IDEMPOTENCY_TABLE", "FUNCTION_NAMES"])("without %s it does not start", async (name) => {
  const value = process.env[name];
  process.env[name] = "";
  jest.resetModules();
  await expect(import("../../lib/completer/handler.ts")).rejects.toThrow(
    `idempotency: the environment variable ${name} is not set. IdempotencyCompleter sets it.`,
  );
  process.env[name] = value;
});
