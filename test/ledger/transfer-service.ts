import { randomUUID } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type {
  APIGatewayProxyStructuredResultV2,
  APIGatewayRequestAuthorizerEventV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from "aws-lambda";
import type { AuthorizedEvent, AuthorizerContext } from "../../lambda/auth/account-holder.ts";
import { type DemoHolder, seedDemoHolders } from "../../lambda/auth/demo-holders.ts";
import type { WithIdempotency } from "../../lib/index.ts";
import { type Bank, startBank } from "../../local/demo/bank.ts";
import { startEngine } from "../../local/engine.ts";
import { startFifoQueue } from "../../proof/kit/fifo-queue.ts";
import { createHttpEvent } from "../../proof/kit/http-event.ts";

/** Names of the service's tables. */
export interface TableNames {
  readonly idempotency: string;
  readonly ledger: string;
  readonly tokens: string;
}

/** Names of everything that the service's functions know by a variable. */
export interface ServiceNames extends TableNames {
  readonly queue: string;
}

/** A request as a client sends it. */
export interface ClientRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Each route, with the function behind it: its name in the stack, and its file. */
const ROUTES = {
  "POST /transfers": ["createTransfer", () => import("../../lambda/transfers/create-transfer.ts")],
  "POST /payouts": ["createPayout", () => import("../../lambda/payouts/create-payout.ts")],
  "GET /transfers/{id}": ["getTransfer", () => import("../../lambda/transfers/get-transfer.ts")],
  "GET /payouts/{id}": ["getPayout", () => import("../../lambda/payouts/get-payout.ts")],
  "GET /accounts/{id}": ["getAccount", () => import("../../lambda/accounts/get-account.ts")],
  "POST /v2/transfers": [
    "createIetfTransfer",
    () => import("../../lambda/vendors/ietf/create-transfer.ts"),
  ],
  "GET /v2/transfers/{id}": [
    "getIetfTransfer",
    () => import("../../lambda/vendors/ietf/get-transfer.ts"),
  ],
  "POST /v1/transactions": [
    "createGluwaTransaction",
    () => import("../../lambda/vendors/gluwa/create-transaction.ts"),
  ],
  "GET /v1/transactions/{id}": [
    "getGluwaTransaction",
    () => import("../../lambda/vendors/gluwa/get-transaction.ts"),
  ],
  "POST /v1/charges": [
    "createStripeCharge",
    () => import("../../lambda/vendors/stripe/create-charge.ts"),
  ],
  "GET /v1/charges/{id}": [
    "getStripeCharge",
    () => import("../../lambda/vendors/stripe/get-charge.ts"),
  ],
  "POST /wallets/{walletId}/transfers": [
    "createDfnsTransfer",
    () => import("../../lambda/vendors/dfns/create-transfer.ts"),
  ],
  "GET /wallets/{walletId}/transfers/{transferId}": [
    "getDfnsTransfer",
    () => import("../../lambda/vendors/dfns/get-transfer.ts"),
  ],
  "POST /wallets/{walletId}/transactions": [
    "createDfnsTransaction",
    () => import("../../lambda/vendors/dfns/create-transaction.ts"),
  ],
  "GET /wallets/{walletId}/transactions/{transactionId}": [
    "getDfnsTransaction",
    () => import("../../lambda/vendors/dfns/get-transaction.ts"),
  ],
} as const;

/** The functions of the service, by their names in the stack. */
export const FUNCTIONS = [
  "authorizer",
  "makeTransfers",
  ...Object.values(ROUTES).map(([name]) => name),
];

/** The sample's real handlers in this process, on a real engine with two account holders. */
export interface TransferService {
  readonly alice: DemoHolder;
  readonly bob: DemoHolder;
  readonly tables: TableNames;
  /** The bank that makes the payouts. */
  readonly bank: Bank;
  /** The client of the handlers. */
  readonly client: DynamoDBClient;
  /** The client of the handler that sends to the queue. */
  readonly sqsClient: SQSClient;
  /** Sends a request through the authorizer and the function of its route. */
  send(route: string, request?: ClientRequest): Promise<APIGatewayProxyStructuredResultV2>;
  /** Gives the messages of the queue to their consumer, `times` in turn. */
  makePending(times?: number): Promise<SQSBatchResponse[]>;
  /** Called before each function runs. */
  onInvoke: (name: string) => void;
  close(): Promise<void>;
}

/** Tables in a fresh engine, or under fresh names in a shared engine. */
export async function startTables(names: TableNames = freshNames()): Promise<{
  endpoint: string;
  client: DynamoDBClient;
  tables: TableNames;
  close(): Promise<void>;
}> {
  const engine = await startEngine();
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await createTable(client, names.idempotency, "id");
  await createTable(client, names.ledger, "id");
  await createTable(client, names.tokens, "tokenDigest");
  return {
    endpoint: engine.endpoint,
    client,
    tables: names,
    async close() {
      for (const TableName of Object.values(names)) {
        await client.send(new DeleteTableCommand({ TableName }));
      }
      client.destroy();
      await engine.close();
    },
  };
}

/** Starts the service. Call it once in a test file: the import of the handlers configures them. */
export async function startTransferService(names?: ServiceNames): Promise<TransferService> {
  const { queue: queueName, ...tableNames } = names ?? { queue: undefined, ...freshNames() };
  const { endpoint, client, tables, close } = await startTables(tableNames);
  const bank = await startBank();
  const queue = await startFifoQueue(queueName);
  Object.assign(process.env, {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_SQS: queue.endpoint,
    TRANSFERS_QUEUE_URL: queue.url,
    IDEMPOTENCY_TABLE: tables.idempotency,
    LEDGER_TABLE: tables.ledger,
    TOKENS_TABLE: tables.tokens,
    BANK_URL: bank.url,
  });
  const { sqsClient } = await import("../../lambda/transfers/transfer-queue.ts");
  const consumer = await import("../../lambda/transfers/make-transfers.ts");
  const authorizer = await import("../../lambda/auth/authorizer.ts");
  const { dynamoDbClient } = await import("../../lambda/ledger/dynamodb-client.ts");
  const { alice, bob } = await seedDemoHolders({
    client,
    ledgerTable: tables.ledger,
    tokensTable: tables.tokens,
  });

  const service: TransferService = {
    alice,
    bob,
    tables,
    bank,
    client: dynamoDbClient,
    sqsClient,
    onInvoke: () => {},
    async send(route, request = {}) {
      const { routeKey, event } = createEvent(route, request);
      const [name, load] = ROUTES[routeKey];
      const handler = (await load()).handler as unknown as Handler;
      service.onInvoke("authorizer");
      const { context } = await authorizer.handler(
        event as unknown as APIGatewayRequestAuthorizerEventV2,
      );
      service.onInvoke(name);
      return handler(authorized(event, context), lambdaContext());
    },
    async makePending(times = 1) {
      const event = queue.takeAll() as unknown as SQSEvent;
      const responses: SQSBatchResponse[] = [];
      for (let time = 0; time < times; time += 1) {
        service.onInvoke("makeTransfers");
        const response = await consumer.handler(event, lambdaContext());
        responses.push({ batchItemFailures: [...response.batchItemFailures] });
      }
      return responses;
    },
    async close() {
      dynamoDbClient.destroy();
      sqsClient.destroy();
      await bank.close();
      await queue.close();
      await close();
    },
  };
  return service;
}

async function createTable(client: DynamoDBClient, name: string, key: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
}

function freshNames(): TableNames {
  const run = randomUUID();
  return { idempotency: `idempotency-${run}`, ledger: `ledger-${run}`, tokens: `tokens-${run}` };
}

type Handler = (
  event: AuthorizedEvent,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** `GET /accounts/acc_alice` as API Gateway's event, payload format 2.0. */
function createEvent(
  route: string,
  { headers = {}, body, isBase64Encoded = false }: ClientRequest,
) {
  const [method = "", path = ""] = route.split(" ");
  const { routeKey, pathParameters } = matchRoute(method, path);
  const hasParameters = Object.keys(pathParameters).length > 0;
  const event = createHttpEvent({
    ...{ route: routeKey, path, headers, body },
    ...(hasParameters && { pathParameters }),
  });
  return { routeKey, event: { ...event, isBase64Encoded } };
}

function matchRoute(method: string, path: string) {
  for (const routeKey of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
    const pattern = routeKey.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    const found = new RegExp(`^${pattern}$`).exec(`${method} ${path}`);
    if (!found) continue;
    const pairs = Object.entries(found.groups ?? {});
    const decoded = pairs.map(([name, text]) => [name, decodeURIComponent(text)]);
    return { routeKey, pathParameters: Object.fromEntries(decoded) };
  }
  throw new Error(`There is no route ${method} ${path}.`);
}

function authorized(event: object, context: AuthorizerContext): AuthorizedEvent {
  const incoming = event as AuthorizedEvent;
  const requestContext = { ...incoming.requestContext, authorizer: { lambda: context } };
  return { ...incoming, requestContext };
}

/** The members of Lambda's context; the middleware adds the rest. */
function lambdaContext(): WithIdempotency<Context> {
  const startedAtMs = Date.now();
  const context = { getRemainingTimeInMillis: () => 10_000 - (Date.now() - startedAtMs) };
  return context as WithIdempotency<Context>;
}
