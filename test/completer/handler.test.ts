import { randomUUID } from "node:crypto";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import cdk from "../../cdk.json" with { type: "json" };
import { IdempotencyCompleter, IdempotencyTable } from "../../lib/cdk/index.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";
import { gluwa, type IdempotencyContext, orzcash, type Profile } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import type { InvocationResult } from "../../local/functions/environment.ts";
import { type LambdaApi, startLambdaApi } from "../../local/lambda-api.ts";
import { startTap } from "../../local/tap.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, type Service, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const ARN = "arn:aws:lambda:eu-central-1:000000000000:function:";
const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };

const environment = { ...process.env };
let engine: Engine;
let tableName: string;
let lambdaApi: LambdaApi;
/** The function behind the service "pay". */
let pay: Service | undefined;
/** Whether the connection is cut before the function runs, and how often it was. */
const cuts = { isOn: false, count: 0 };

beforeAll(async () => {
  engine = await startEngine();
  lambdaApi = await startLambdaApi((arn, payload) =>
    arn === `${ARN}pay:live` ? invoke(payload) : undefined,
  );
  Object.assign(process.env, {
    FUNCTIONS: JSON.stringify({ pay: `${ARN}pay:live`, idle: `${ARN}idle` }),
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambdaApi.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
}, 30_000);

beforeEach(async () => {
  tableName = await createTable(clientOf(engine));
  process.env.IDEMPOTENCY_TABLE = tableName;
});

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

const HOUR_MS = 60 * 60 * 1000;

/** Requests whose claims have lapsed by the clock of the completer. */
async function abandon(
  profile: Profile,
  behaviour: Behaviour,
  requests = 1,
  layout: LayoutOptions = {},
  hoursAgo = 1,
): Promise<void> {
  const store = dynamoDbStore({ tableName, client: clientOf(engine), ...layout });
  pay = serviceOf(behaviour, { store, profile });
  pay.clock.advance(Date.now() - pay.clock.now() - hoursAgo * HOUR_MS);
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
  const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
  // Each run is a cold start.
  jest.resetModules();
  const { handler } = await import("../../lib/completer/handler.ts");
  try {
    await handler({}, { getRemainingTimeInMillis: () => remainingMs });
    return {
      metrics: log.mock.calls.map(([line]) => JSON.parse(line)),
      errors: error.mock.calls.map(([{ message }]) => message),
      warnings: warn.mock.calls.map(([line]) => JSON.parse(line)),
    };
  } finally {
    for (const spy of [log, error, warn]) spy.mockRestore();
  }
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
  new IdempotencyCompleter(stack, "Completer", { table, functions: { pay } });
  return Object.values(Template.fromStack(stack).findResources("AWS::CloudWatch::Alarm"))
    .map(({ Properties: { Namespace, Dimensions, MetricName } }) => ({
      Namespace,
      dimensions: Dimensions.map(({ Name }: { Name: string }) => Name),
      MetricName,
    }))
    .filter(({ Namespace }) => Namespace === "LambdaIdempotency");
}

const begin = (context: { readonly idempotency: IdempotencyContext }) =>
  context.idempotency.step("begin", () => {});

/** Dies behind its first step. */
const dieBegun: Behaviour = async ({ context }) => {
  await begin(context);
  return die();
};

test("the counts of the completer are logged as the metrics that have alarms, and no others", async () => {
  await abandon(gluwa(), die);
  await abandon(orzcash(), dieBegun);
  await abandon(orzcash(), dieBegun, 1, {}, 25);
  const { metrics: lines } = await runCompleter();

  const counts = { Unknown: 1, Unfinished: 1, Stuck: 1 };
  expect(lines).toEqual([{ _aws: expect.any(Object), Service: "pay", ...counts }]);
  const alarmed = alarmedMetrics();
  expect(alarmed.map(({ MetricName }) => MetricName).sort()).toEqual([
    "Stuck",
    "Unfinished",
    "Unknown",
  ]);
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

test("stuck requests are counted on every run, and the id of each is logged once", async () => {
  await abandon(orzcash(), dieBegun, 1, {}, 25);
  const first = await runCompleter();
  const second = await runCompleter();
  expect(first.warnings).toEqual([
    {
      message: expect.stringContaining("docs/runbook.md, Stuck"),
      service: "pay",
      state: "stuck",
      recordId: expect.any(String),
    },
  ]);
  expect(second.warnings).toEqual([]);
  expect([first, second].map(({ metrics }) => metrics[0].Stuck)).toEqual([1, 1]);
});

test("the id of a request with an unknown outcome is logged", async () => {
  await abandon(gluwa(), die);
  expect((await runCompleter()).warnings).toMatchObject([{ service: "pay", state: "unknown" }]);
});

test("a function is invoked with the event of an abandoned request, and finishes it", async () => {
  await abandon(orzcash(), async ({ count, context }) => {
    await begin(context);
    return count === 1 ? die() : { statusCode: 201 };
  });
  const { metrics, errors } = await runCompleter();
  expect(metrics).toMatchObject([{ Service: "pay", Completed: 1 }]);
  expect(pay?.runs()).toBe(2);
  expect(errors).toEqual([]);
});

test("a failed function is logged with its name and its error", async () => {
  await abandon(orzcash(), dieBegun);
  const { metrics, errors } = await runCompleter();
  expect(metrics).toMatchObject([{ Unfinished: 1 }]);
  expect(errors).toEqual([`${ARN}pay:live failed to finish a request: {"errorMessage":"it dies"}`]);
});

test("an invocation with an unknown end is not sent again at once, because the first may still run", async () => {
  await abandon(orzcash(), dieBegun);
  cuts.isOn = true;
  const { metrics, errors } = await runCompleter();
  cuts.isOn = false;
  expect(metrics).toMatchObject([{ Unfinished: 1 }]);
  expect(errors).toHaveLength(1);
  expect(cuts.count).toBe(1);
});

test("no other record is begun in the last minute than one in each of ten lanes", async () => {
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
  const layout = { keyAttributes: { partitionKey: "pk" }, attributes: { due: "dueAt" } };
  tableName = await createTable(clientOf(engine), layout);
  process.env.IDEMPOTENCY_TABLE = tableName;
  process.env.IDEMPOTENCY_TABLE_LAYOUT = JSON.stringify(layout);
  await abandon(gluwa(), die, 1, layout);
  expect((await runCompleter()).metrics[0]).toMatchObject({ Unknown: 1 });
  delete process.env.IDEMPOTENCY_TABLE_LAYOUT;
});

test.each(["IDEMPOTENCY_TABLE", "FUNCTIONS"])("without %s it does not start", async (name) => {
  const value = process.env[name];
  process.env[name] = "";
  jest.resetModules();
  await expect(import("../../lib/completer/handler.ts")).rejects.toThrow(
    `idempotency: the environment variable ${name} is not set. IdempotencyCompleter sets it.`,
  );
  process.env[name] = value;
});

test.each([
  ["FUNCTIONS", "pay,idle", "FUNCTIONS is pay,idle; expected a JSON object"],
  ["MAX_ATTEMPTS", "ten", "MAX_ATTEMPTS is ten; expected a whole number from 1"],
])("with a wrong %s it does not start", async (name, value, message) => {
  const before = process.env[name];
  process.env[name] = value;
  jest.resetModules();
  await expect(import("../../lib/completer/handler.ts")).rejects.toThrow(message);
  if (before === undefined) delete process.env[name];
  else process.env[name] = before;
});

test("a service that cannot be served holds up no other, and the run fails", async () => {
  await abandon(gluwa(), die);
  const tap = await startTap(engine.endpoint);
  tap.onRequest(({ body }) => {
    const isIdle = JSON.stringify(body).includes('"idle#0"');
    return isIdle ? { status: 400, body: { __type: "ResourceNotFoundException" } } : "forward";
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = tap.endpoint("completer");
  await expect(runCompleter()).rejects.toThrow("idempotency");
  process.env.AWS_ENDPOINT_URL_DYNAMODB = engine.endpoint;
  await tap.close();
  const { Items } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
  expect(Items).toMatchObject([{ state: { S: "UNKNOWN" } }]);
});
