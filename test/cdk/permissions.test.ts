import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Call, intercept } from "../ledger/intercept.ts";
import {
  FUNCTIONS,
  startTransferService,
  type TransferService,
} from "../ledger/transfer-service.ts";
import { evaluate, grantedTo, neededFor, queueArnOf, type Right } from "./rights.ts";
import { type CloudFormationTemplate, synthesize } from "./synthesis.ts";

let template: CloudFormationTemplate;
let service: TransferService;
/** Whether DynamoDB finds the next transaction invalid. */
let breaksCommit = false;
const INVALID_WRITES = Object.assign(new Error("The writes are invalid."), {
  name: "ValidationException",
  $fault: "client",
  $metadata: { httpStatusCode: 400 },
});

/** The requests that each function has sent. */
const calls = new Map(FUNCTIONS.map((name) => [name, [] as Call[]]));

beforeAll(async () => {
  template = (await synthesize()).template;
  service = await startTransferService({
    idempotency: refOf("createTransfer", "IDEMPOTENCY_TABLE"),
    ledger: refOf("createTransfer", "LEDGER_TABLE"),
    tokens: refOf("authorizer", "TOKENS_TABLE"),
    queue: refOf("createTransfer", "TRANSFERS_QUEUE_URL"),
  });
  let running = "";
  service.onInvoke = (name) => {
    running = name;
  };
  intercept(service.client, (call, forward) => {
    calls.get(running)?.push(call);
    if (call.operation === "TransactWriteItems" && breaksCommit) {
      breaksCommit = false;
      return Promise.reject(INVALID_WRITES);
    }
    return forward();
  });
  intercept(service.sqsClient, (call, forward) => {
    calls.get(running)?.push(call);
    return forward();
  });
  await useEveryPath();
}, 120_000);

afterAll(() => service.close());

/** A UUID for each name: one of the APIs takes no other keys. */
function keyOf(name: string): string {
  const hex = createHash("md5").update(name).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The cases that make a difference to the requests: done, replayed, refused, and malformed. */
async function useEveryPath(): Promise<void> {
  const headers = { authorization: `Bearer ${service.alice.token}` };
  const post = async (path: string, key: string, changes: object = {}) => {
    const to = path === "/payouts" ? { beneficiary: "DE89370400440532013000" } : { to: "acc_bob" };
    const order = { from: "acc_alice", amountMinor: 1, currency: "EUR", ...to, ...changes };
    const request = {
      headers: { ...headers, "idempotency-key": keyOf(key) },
      body: JSON.stringify(order),
    };
    return service.send(`POST ${path}`, request);
  };
  await useVendorPaths(headers);
  // Where the commit claims, an error may belong to a repeat: its record is read.
  breaksCommit = true;
  expect((await post("/transfers", "broken")).statusCode).toBe(500);
  const statuses: (number | undefined)[] = [];
  for (const path of ["/transfers", "/payouts"]) {
    const done = await post(path, "done");
    const replayed = await post(path, "done");
    const overdrawn = await post(path, "overdrawn", { amountMinor: 1_000_000_000 });
    const malformed = await post(path, "malformed", { amountMinor: 0 });
    statuses.push(...[done, replayed, overdrawn, malformed].map((answer) => answer.statusCode));
  }
  await useQueue({ ...headers, prefer: "respond-async" });
  service.bank.next({ delayMs: 100 });
  // The second one waits for the first, and reads its record.
  await Promise.all([post("/payouts", "together"), post("/payouts", "together")]);
  service.bank.next("refuse");
  const refused = await post("/payouts", "refused");
  const { headers: made } = await post("/transfers", "done");
  const transfer = await service.send(`GET ${made?.location}`, { headers });
  const { headers: paid } = await post("/payouts", "done");
  const payout = await service.send(`GET ${paid?.location}`, { headers });
  const account = await service.send("GET /accounts/acc_alice", { headers });
  statuses.push(...[refused, transfer, payout, account].map((answer) => answer.statusCode));
  expect(statuses).toEqual([201, 201, 422, 400, 201, 201, 422, 400, 422, 200, 200, 200]);
}

/** Transfers that are made later: made, refused, and delivered again. */
async function useQueue(headers: Record<string, string>): Promise<void> {
  for (const [key, amountMinor] of [
    ["later", 1],
    ["later refused", 1_000_000_000],
  ] as const) {
    const order = { from: "acc_alice", to: "acc_bob", amountMinor, currency: "EUR" };
    const accepted = await service.send("POST /transfers", {
      headers: { ...headers, "idempotency-key": keyOf(key) },
      body: JSON.stringify(order),
    });
    expect(accepted.statusCode).toBe(202);
  }
  // A commit that DynamoDB finds invalid reads the record.
  breaksCommit = true;
  const [broken, ...others] = await service.makePending(3);
  expect(broken?.batchItemFailures).not.toEqual([]);
  expect(others).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
}

/** The routes that speak as others do: done, repeated, read. */
async function useVendorPaths(headers: Record<string, string>): Promise<void> {
  const Idem = keyOf("gluwa");
  const gluwa = { Source: "acc_alice", Target: "acc_bob", Amount: "0.01", Currency: "EUR", Idem };
  const charge = "amount=1&currency=eur&source=acc_alice&transfer_data[destination]=acc_bob";
  const json = { "content-type": "application/json" };
  const ietf = { from: "acc_alice", to: "acc_bob", amountMinor: 1, currency: "EUR" };
  const dfns = { kind: "Native", to: "acc_bob", amount: "1", externalId: "dfns" };
  const transaction = { kind: "Transaction", transaction: "0x00", externalId: "dfns" };
  const orders = [
    ["/v1/transactions", json, JSON.stringify(gluwa), "ID", 202, 409],
    [
      "/v1/charges",
      { "content-type": "application/x-www-form-urlencoded", "idempotency-key": "stripe" },
      charge,
      "id",
      200,
      200,
    ],
    ["/v2/transfers", { ...json, "idempotency-key": "ietf" }, JSON.stringify(ietf), "id", 201, 201],
    ["/wallets/acc_alice/transfers", json, JSON.stringify(dfns), "id", 200, 200],
    ["/wallets/acc_alice/transactions", json, JSON.stringify(transaction), "id", 200, 200],
  ] as const;
  for (const [path, own, body, id, first, repeat] of orders) {
    const request = { headers: { ...headers, ...own }, body };
    const done = await service.send(`POST ${path}`, request);
    const repeated = await service.send(`POST ${path}`, request);
    // Where nothing was claimed, the record tells whether a refusal is a repeat.
    const malformed = body.replace(/Native|Transaction/, "Other");
    await service.send(`POST ${path}`, { headers: { ...headers, ...own }, body: malformed });
    const found = await service.send(`GET ${path}/${JSON.parse(done.body ?? "")[id]}`, { headers });
    expect([path, done.statusCode, repeated.statusCode, found.statusCode]).toEqual([
      path,
      first,
      repeat,
      200,
    ]);
  }
}

test.each(FUNCTIONS)("%s may send every request that it sends", async (name) => {
  const sent = calls.get(name) ?? [];
  expect(sent).not.toEqual([]);
  for (const right of sent.flatMap(neededFor)) {
    const verdict = await evaluate(template, roleOf(name), right);
    expect({ ...right, verdict }).toEqual({ ...right, verdict: "Allowed" });
  }
});

test.each(FUNCTIONS)("%s is granted nothing that neither it nor Lambda uses", (name) => {
  const used = new Set((calls.get(name) ?? []).flatMap(neededFor).map(toText));
  const unused = grantedTo(template, roleOf(name)).filter((right) => !used.has(toText(right)));
  // Lambda writes the logs and polls the queue, with the rights of the function.
  const logs = `arn:aws:logs:eu-west-1:123456789012:log-group:${logGroupOf(name)}:*`;
  expect(unused).toEqual([
    { action: "logs:CreateLogStream", resource: logs },
    { action: "logs:PutLogEvents", resource: logs },
    ...(name === "makeTransfers" ? polling() : []),
  ]);
});

test("the evaluation denies rights that are not granted", async () => {
  const { resource } = grantedTo(template, roleOf("getAccount")).find((right) =>
    right.action.startsWith("dynamodb:"),
  ) as Right;
  const right = { action: "dynamodb:DeleteItem", resource };
  expect(await evaluate(template, roleOf("getAccount"), right)).toBe("ImplicitlyDenied");
});

/** The rights with which Lambda polls the queue. */
function polling(): Right[] {
  const resource = queueArnOf(refOf("createTransfer", "TRANSFERS_QUEUE_URL"));
  return ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"].map((action) => ({
    action,
    resource,
  }));
}

test("only the service may send to the queue of transfers and to its dead letters", () => {
  const policies = Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::SQS::QueuePolicy")
    .map(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(policies).toHaveLength(2);
  for (const statements of policies) {
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:SendMessage",
        Condition: {
          ArnNotEquals: {
            "aws:PrincipalArn": [{ "Fn::GetAtt": [roleOf("createTransfer"), "Arn"] }],
          },
        },
      }),
    );
  }
});

const toText = ({ action, resource }: Right) => `${action} on ${resource}`;

/** The function's resource; its logical id begins with its name. */
function functionOf(name: string) {
  const entry = Object.entries(template.Resources).find(
    ([id, { Type }]) =>
      Type === "AWS::Lambda::Function" && id.toLowerCase().startsWith(name.toLowerCase()),
  );
  if (!entry) throw new Error(`The template has no function ${name}.`);
  return entry[1].Properties;
}

const roleOf = (name: string): string => functionOf(name).Role["Fn::GetAtt"][0];
const logGroupOf = (name: string): string => functionOf(name).LoggingConfig.LogGroup.Ref;
const refOf = (name: string, variable: string): string =>
  functionOf(name).Environment.Variables[variable].Ref;
