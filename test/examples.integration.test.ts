import { readFileSync } from "node:fs";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from "@jest/globals";
import { type Engine, startEngine } from "../local/engine.ts";
import { failedIn, message } from "./batch/events.ts";
import { openPage } from "./support/browser.ts";
import { httpApiEvent } from "./support/events.ts";
import type { Answer } from "./support/service.ts";
import { clientOf, createTable } from "./support/table.ts";

type Call = (event: unknown, context: object) => Promise<Answer>;

const environment = { ...process.env };
let engine: Engine;
let ledgerTable: string;

beforeAll(async () => {
  engine = await startEngine();
  const client = clientOf(engine);
  ledgerTable = await createTable(client);
  Object.assign(process.env, {
    IDEMPOTENCY_TABLE: await createTable(client),
    LEDGER_TABLE: ledgerTable,
    ORDERS_TABLE: await createTable(client),
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

async function scanItems(tableName: string | undefined) {
  const { Items } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
  return Items;
}

test("examples/transfers.ts moves the money once for each key", async () => {
  const { handler } = await import("../examples/transfers.ts");
  const call = handler as unknown as Call;
  const request = (key: string) => ({
    ...httpApiEvent({ key }),
    requestContext: {
      http: { method: "POST", path: "/transfers" },
      authorizer: { jwt: { claims: { sub: "alice" }, scopes: [] } },
    },
  });
  const first = await call(request("a"), {});
  const repeat = await call(request("a"), {});
  const other = await call(request("b"), {});
  expect(first.headers).toEqual({ location: "/transfers/t-1" });
  expect(repeat.headers).toEqual({ location: "/transfers/t-1", "Idempotent-Replayed": "true" });
  expect(other.headers).toEqual({ location: "/transfers/t-2" });
});

test("examples/browser.ts lets both pages read a transfer, its replay and a refusal", async () => {
  const { handler } = await import("../examples/browser.ts");
  const api = (event: unknown) => (handler as unknown as Call)(event, {});
  const [shop, office] = ["https://shop.example", "https://office.example"].map((origin) =>
    openPage(origin, api),
  );
  const first = await shop?.fetch({ key: "p" });
  expect(first).toMatchObject({ status: 201, headers: { location: expect.any(String) } });
  expect(await office?.fetch({ key: "p" })).toMatchObject({
    status: 201,
    headers: { location: first?.headers.location, "idempotent-replayed": "true" },
  });
  expect((await office?.fetch({}))?.status).toBe(400);
  await expect(openPage("https://elsewhere.example", api).fetch({ key: "p" })).rejects.toThrow();
});

describe("examples/middlewares.ts: in the documented order,", () => {
  beforeEach(() => {
    // With this setting, Powertools writes to the console of the test.
    process.env.POWERTOOLS_DEV = "true";
    for (const level of ["warn", "error"] as const) {
      jest.spyOn(console, level).mockImplementation(() => {});
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(["withMiddleware", "withWrapper"] as const)(
    "%s parses, validates, authorises repeats and lets the page read everything",
    async (form) => {
      const { [form]: handler } = await import("../examples/middlewares.ts");
      const call = (key: string | undefined, amountMinor: number, token = "alice") =>
        (handler as unknown as Call)(
          httpApiEvent({
            ...(key !== undefined && { key }),
            body: JSON.stringify({ amountMinor }),
            headers: { Authorization: `Bearer ${token}`, Origin: "https://shop.example" },
          }),
          { getRemainingTimeInMillis: () => 10_000 },
        );
      const key = `${form}-1`;
      const invalid = await call(key, 0);
      const first = await call(key, 7);
      const repeat = await call(key, 7);
      const answers = [
        invalid,
        first,
        repeat,
        await call(key, 8),
        await call(undefined, 7),
        await call(key, 7, "revoked"),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([422, 201, 201, 422, 400, 401]);
      expect(repeat.body).toBe(first.body);
      expect(JSON.parse(repeat.body ?? "")).toMatchObject({ holder: "alice", amountMinor: 7 });
      expect(repeat.headers?.["Idempotent-Replayed"]).toBe("true");
      const allowed = answers.map(({ headers }) => headers?.["Access-Control-Allow-Origin"]);
      expect(new Set(allowed)).toEqual(new Set(["https://shop.example"]));
    },
  );
});

test("examples/commit.ts moves the money with the record, and responds to the ledger's refusals", async () => {
  const { handler } = await import("../examples/commit.ts");
  const call = handler as unknown as Call;
  for (const id of ["from", "to"]) {
    const Item = { id: { S: id }, balanceMinor: { N: "100" } };
    await clientOf(engine).send(new PutItemCommand({ TableName: ledgerTable, Item }));
  }
  const order = (changes: object) =>
    JSON.stringify({ from: "from", to: "to", amountMinor: 60, ...changes });
  const first = await call(httpApiEvent({ key: "c", body: order({}) }), {});
  const repeat = await call(httpApiEvent({ key: "c", body: order({}) }), {});
  expect(first.statusCode).toBe(201);
  expect(repeat.headers?.location).toBe(first.headers?.location);

  const overdraft = await call(httpApiEvent({ key: "o", body: order({}) }), {});
  expect(overdraft).toEqual({ statusCode: 422, body: "insufficient funds" });
  const lost = order({ to: "nobody", amountMinor: 1 });
  expect(await call(httpApiEvent({ key: "n", body: lost }), {})).toEqual({
    statusCode: 422,
    body: "unknown account",
  });
  const balances = (await scanItems(ledgerTable))
    ?.map(({ balanceMinor }) => balanceMinor?.N)
    .sort();
  expect(balances).toEqual(["160", "40"]);
});

test("examples/fence.ts writes the fence on the item, under the condition that it grows", async () => {
  const { handler } = await import("../examples/fence.ts");
  const call = handler as unknown as Call;
  expect((await call(httpApiEvent({ key: "f", body: "order-1" }), {})).statusCode).toBe(204);
  const [order] = (await scanItems(process.env.ORDERS_TABLE)) ?? [];
  expect(order).toMatchObject({ id: { S: "order-1" }, state: { S: "PAID" } });
  expect(Number(order?.lastFence?.N)).toBeGreaterThan(0);
});

test("examples/profile.ts is a contract of one's own: its keys, its wording, its form of refusals", async () => {
  const { handler } = await import("../examples/orders.ts");
  const call = handler as unknown as Call;
  const requestId = "8e03978e-40d5-43e8-bc93-6894a57f9324";
  const order = (changes: object) =>
    httpApiEvent({ body: JSON.stringify({ requestId, amountMinor: 100, ...changes }) });
  const first = await call(order({ sentAt: "10:00" }), {});
  expect(first.headers?.location).toBe("/orders/1");
  expect((await call(order({ sentAt: "10:01" }), {})).headers?.location).toBe("/orders/1");
  const taken = await call(order({ amountMinor: 200 }), {});
  expect(taken.statusCode).toBe(409);
  expect(JSON.parse(taken.body ?? "").error.message).toBe("This request id is taken.");
  expect((await call(order({ requestId: "order-7" }), {})).statusCode).toBe(400);
});

test("examples/queue.ts books an order once, over a redelivery and a redrive", async () => {
  const { handler } = await import("../examples/queue.ts");
  await clientOf(engine).send(
    new PutItemCommand({
      TableName: ledgerTable,
      Item: { id: { S: "queue-account" }, balanceMinor: { N: "100" } },
    }),
  );
  const deliver = (amountMinor: number, orderId: string) =>
    message({ account: "queue-account", amountMinor, orderId });
  const receive = (Records: unknown[]) => handler({ Records } as never, {} as never);
  const [order, broken] = [deliver(60, "o-1"), message("no JSON")];
  const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
  const error = jest.spyOn(console, "error").mockImplementation(() => {});
  expect(failedIn(await receive([order, broken]))).toEqual([broken.messageId]);
  expect(failedIn(await receive([order, deliver(60, "o-1"), deliver(60, "o-2")]))).toEqual([]);
  expect(error.mock.calls).toEqual([["The account queue-account has less than 60."]]);
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
  error.mockRestore();
  const booked = (await scanItems(ledgerTable))?.find(({ id }) => id?.S === "queue-account");
  expect(booked?.balanceMinor?.N).toBe("40");
});

describe("examples/sources.ts", () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
  const order = (source: string) => ({ orderId: `${source}-order`, customer: "alice" });
  /** Two deliveries of one piece of work, by the source. */
  const deliveries: Readonly<Record<string, (n: number) => unknown>> = {
    sqs: () => ({ Records: [message(order("sqs"))] }),
    kinesis: (n) => ({
      Records: [
        {
          eventSource: "aws:kinesis",
          kinesis: { sequenceNumber: `${n}`, partitionKey: "p", data: base64(order("kinesis")) },
        },
      ],
    }),
    dynamodbStream: () => ({
      Records: [
        {
          ...{ eventSource: "aws:dynamodb", eventID: "e", eventName: "INSERT" },
          dynamodb: { SequenceNumber: "1", Keys: { id: { S: "dynamodbStream-order" } } },
        },
      ],
    }),
    kafka: (offset) => ({
      eventSource: "aws:kafka",
      records: { "t-0": [{ topic: "t", partition: 0, offset, value: base64(order("kafka")) }] },
    }),
    eventBridge: (n) => ({
      ...{ id: `${n}`, source: "shop", "detail-type": "Order" },
      detail: order("eventBridge"),
    }),
    sns: (n) => ({
      Records: [
        {
          EventSource: "aws:sns",
          Sns: { MessageId: `${n}`, Message: JSON.stringify(order("sns")) },
        },
      ],
    }),
    s3: (n) => ({
      Records: [
        {
          ...{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", eventTime: `${n}` },
          s3: { bucket: { name: "b" }, object: { key: "s3-order", sequencer: "1" } },
        },
      ],
    }),
    scheduler: () => ({ scheduleArn: "arn", scheduledTime: "scheduler-order" }),
    stepFunctions: () => ({ executionId: "e", stateName: "s", order: order("stepFunctions") }),
    appSync: () => ({ identity: { sub: "alice" }, arguments: { order: order("appSync") } }),
    direct: () => order("direct"),
    agentTool: () => order("agentTool"),
  };

  test.each(Object.entries(deliveries))(
    "%s sends once for two deliveries",
    async (name, deliver) => {
      const handlers = (await import("../examples/sources.ts")) as unknown as Record<string, Call>;
      const { sent } = await import("../examples/send.ts");
      const context = { getRemainingTimeInMillis: () => 10_000 };
      const first = await handlers[name]?.(deliver(1), context);
      expect(await handlers[name]?.(deliver(2), context)).toEqual(first);
      expect(sent.filter((one) => one === `${name}-order`)).toHaveLength(1);
    },
  );

  test("has an export for each row of the table in docs/functions.md", async () => {
    const text = readFileSync(new URL("../docs/functions.md", import.meta.url), "utf8");
    const [, table = ""] = /\| source \|.*?\n(.*?)\n\n/s.exec(text) ?? [];
    const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(rows.toSorted()).toEqual(Object.keys(deliveries).toSorted());
    const handlers = await import("../examples/sources.ts");
    expect(Object.keys(handlers).toSorted()).toEqual(rows.toSorted());
  });
});

describe("examples/tenants.ts", () => {
  const event = (requestContext: object, more: object = {}) =>
    ({ ...httpApiEvent({ key: "t" }), requestContext, ...more }) as never;
  const iam = (userArn: string, cognitoIdentity: object | null = null) =>
    event({ authorizer: { iam: { userArn, cognitoIdentity } } });
  const ROLE = "arn:aws:sts::123456789012:assumed-role/payer";

  test.each<[string, string, unknown, unknown]>([
    ["jwtSubject", "sub", event({ authorizer: { jwt: { claims: { sub: "sub" } } } }), undefined],
    ["jwtSubject", "undefined", event({ authorizer: { jwt: { claims: {} } } }), undefined],
    ["cognitoUser", "sub", event({ authorizer: { claims: { sub: "sub" } } }), undefined],
    ["iamRole", ROLE, iam(`${ROLE}/session-1`), iam(`${ROLE}/session-2`)],
    ["iamRole", "arn:aws:iam::1:user/div/ann", iam("arn:aws:iam::1:user/div/ann"), undefined],
    ["iamRole", "eu:id-1", iam(`${ROLE}/Cognito`, { identityId: "eu:id-1" }), undefined],
    [
      "apiKeyId",
      "key-id",
      event({ identity: { apiKeyId: "key-id", apiKey: "secret" } }),
      undefined,
    ],
    [
      "certificateSubject",
      "CN=bank",
      event({ authentication: { clientCert: { subjectDN: "CN=bank", serialNumber: "1" } } }),
      event({ authentication: { clientCert: { subjectDN: "CN=bank", serialNumber: "2" } } }),
    ],
    ["certificateSubject", "undefined", event({}), undefined],
    ["principalId", "user-1", event({ authorizer: { principalId: "user-1" } }), undefined],
    [
      "accountInContext",
      "holder-1",
      event({ authorizer: { lambda: { accountId: "holder-1" } } }),
      undefined,
    ],
    ["accountInContext", "undefined", event({ authorizer: { lambda: null } }), undefined],
    ["accountOfSession", "holder-1", event({}, { cookies: ["session=s-1"] }), undefined],
    ["accountOfSession", "undefined", event({}), undefined],
  ])("%s is %s", async (name, tenant, request, retry = request) => {
    const recipes: Record<string, unknown> = await import("../examples/tenants.ts");
    const recipe = recipes[name] as (event: unknown) => unknown;
    expect(String(await recipe(request))).toBe(tenant);
    expect(String(await recipe(retry))).toBe(tenant);
  });

  test("carries out a webhook's event once, by the sender's id of the event", async () => {
    const { webhook } = await import("../examples/tenants.ts");
    const call = webhook as unknown as Call;
    const deliver = (id: string) => call(httpApiEvent({ body: JSON.stringify({ id }) }), {});
    const first = await deliver("evt_1");
    expect((await deliver("evt_1")).headers).toMatchObject(first.headers ?? {});
    expect((await deliver("evt_2")).headers).not.toMatchObject(first.headers ?? {});
  });

  test("holds the snippets of docs/tenants.md", () => {
    const [docs, example] = ["docs/tenants.md", "examples/tenants.ts"].map((file) =>
      readFileSync(new URL(`../${file}`, import.meta.url), "utf8"),
    );
    const snippets = [...(docs ?? "").matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text);
    expect(snippets).toHaveLength(9);
    for (const snippet of snippets) {
      for (const part of snippet?.split("\n\n") ?? []) expect(example).toContain(part.trim());
    }
  });
});
