import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  LocalDurableTestRunner,
  WaitingOperationStatus,
} from "@aws/durable-execution-sdk-js-testing";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import type { Answer } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const environment = { ...process.env };
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
  const client = clientOf(engine);
  Object.assign(process.env, {
    IDEMPOTENCY_TABLE: await createTable(client),
    LEDGER_TABLE: await createTable(client),
    APPROVALS_TABLE: await createTable(client),
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  await LocalDurableTestRunner.setupTestEnvironment();
}, 30_000);

afterAll(async () => {
  await LocalDurableTestRunner.teardownTestEnvironment();
  process.env = environment;
  await engine.close();
});

async function countItems(tableName: string | undefined): Promise<number> {
  const { Count } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
  return Count ?? 0;
}

test("examples/durable.ts books an order once, after its approval", async () => {
  const { handler } = await import("../../examples/durable.ts");
  const open = () => new LocalDurableTestRunner({ handlerFunction: handler });
  const payload = { orderId: "order-1", amountMinor: 7 };
  const runner = open();
  const running = runner.run({ payload });
  const approval = runner.getOperation("approval");
  await approval.waitForData(WaitingOperationStatus.SUBMITTED);
  const inFlight = await open().run({ payload });
  expect(inFlight.getError()).toMatchObject({ errorType: "IdempotencyRefused" });
  expect(await countItems(process.env.LEDGER_TABLE)).toBe(0);
  await approval.sendCallbackSuccess();
  expect((await running).getResult()).toEqual({ booked: "order-1" });
  expect((await open().run({ payload })).getResult()).toEqual({ booked: "order-1" });
  expect(await countItems(process.env.LEDGER_TABLE)).toBe(1);
  expect(await countItems(process.env.APPROVALS_TABLE)).toBe(1);
});

test("examples/durable-dispatcher.ts starts one execution for each key, over all attempts", async () => {
  const started: IncomingMessage[] = [];
  const lambda = createServer((request, response) => {
    started.push(request);
    request.resume();
    // The first attempt fails after Lambda has started the execution.
    response.writeHead(started.length === 1 ? 400 : 202).end("{}");
  });
  await new Promise<void>((resolve) => lambda.listen(0, "127.0.0.1", resolve));
  process.env.AWS_ENDPOINT_URL_LAMBDA = `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`;
  process.env.ORDERS_FUNCTION = "orders:live";
  try {
    const { handler } = await import("../../examples/durable-dispatcher.ts");
    const call = handler as unknown as (event: unknown, context: object) => Promise<Answer>;
    const order = httpApiEvent({ key: "k-1", body: '{"orderId":"order-1"}' });
    await expect(call(order, {})).rejects.toThrow();
    const first = await call(order, {});
    const repeat = await call(order, {});
    const other = await call(httpApiEvent({ key: "k-2", body: '{"orderId":"order-2"}' }), {});
    const names = started.map(({ headers }) => headers["x-amz-durable-execution-name"]);
    expect(names).toEqual([names[0], names[0], names[2]]);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9-_]{43}$/);
    expect(first).toMatchObject({ statusCode: 202, headers: { location: `/orders/${names[0]}` } });
    expect(repeat.headers).toMatchObject({ location: `/orders/${names[0]}` });
    expect(other.statusCode).toBe(202);
  } finally {
    lambda.close();
  }
});
