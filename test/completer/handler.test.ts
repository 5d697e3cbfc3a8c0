import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import cdk from "../../cdk.json" with { type: "json" };
import { IdempotencyCompleter, IdempotencyTable } from "../../lib/cdk/index.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { gluwa } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };

const environment = { ...process.env };
let engine: Engine;
let tableName: string;

beforeAll(async () => {
  engine = await startEngine();
  tableName = await createTable(clientOf(engine));
  Object.assign(process.env, {
    IDEMPOTENCY_TABLE: tableName,
    FUNCTION_NAMES: "pay,idle",
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
}, 30_000);

afterAll(async () => {
  process.env = environment;
  await engine.close();
});

/** The metrics for which the construct has alarms, by namespace, dimension and name. */
function alarmedMetrics() {
  const stack = new Stack(new App({ context: { ...cdk.context, "aws:cdk:bundling-stacks": [] } }));
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

test("what the completer counts is logged as the metrics that have alarms", async () => {
  // Its clock is long past: the claim has lapsed by the clock of the completer.
  const store = dynamoDbStore({ tableName, client: clientOf(engine) });
  const { call, clock } = serviceOf(() => Promise.reject(new Error("it dies")), {
    store,
    profile: gluwa(),
  });
  clock.advance(-10 * 365 * 24 * 60 * 60 * 1000);
  const body = JSON.stringify({ Idem: randomUUID() });
  await expect(call(httpApiEvent({ body }), CONTEXT)).rejects.toThrow("it dies");

  const log = jest.spyOn(console, "log").mockImplementation(() => {});
  const { handler } = await import("../../lib/completer/handler.ts");
  await handler({}, { getRemainingTimeInMillis: () => 300_000 });
  const lines = log.mock.calls.map(([line]) => JSON.parse(line));
  log.mockRestore();

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
