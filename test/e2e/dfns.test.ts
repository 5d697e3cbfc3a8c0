import { randomUUID } from "node:crypto";
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "@jest/globals";
import { localClient } from "../../local/tables.ts";
import type { TapRequest } from "../../local/tap.ts";
import { countMoney } from "./money.ts";
import { type Received, runService, type SentOrder, sendUntilServed } from "./service.ts";

const service = runService();
const { cloud, holders, post, get, advanceClock, disturb, disturbAnswers } = service;
const { moved } = countMoney(service);

const DAY_MS = 24 * 60 * 60 * 1000;
const TRANSFERS = "/wallets/acc_alice/transfers";

/** Requests a transfer from Alice to Bob, with changes. */
function send(
  changes: object = {},
  { path = TRANSFERS, ...order }: SentOrder & { path?: string } = {},
) {
  const body = JSON.stringify({ kind: "Native", to: "acc_bob", amount: "100", ...changes });
  return post(path, { body, ...order });
}

const readEntity = ({ text }: Received) => JSON.parse(text);
const asBob = () => ({ token: `Bearer ${holders().bob.token}` });

function expectConflict(answer: Received, duplicate: object): void {
  expect(answer.status).toBe(409);
  expect(readEntity(answer)).toEqual({
    error: {
      id: expect.any(String),
      status: 409,
      message: "Conflicting transfer with same externalId",
      details: { duplicate },
    },
  });
}

/** Changes the status of an entity without the service. */
async function setStatus(id: string, status: string): Promise<void> {
  const client = localClient(cloud().engine.endpoint);
  const command = new UpdateCommand({
    TableName: cloud().tableName("Ledger"),
    Key: { id: `transfer-request/${id}` },
    UpdateExpression: "SET #status = :status",
    ConditionExpression: "attribute_exists(id)",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":status": status },
  });
  await DynamoDBDocumentClient.from(client).send(command);
  client.destroy();
}

/** Kills a function once, at its commit. */
function killAtCommit() {
  let isDead = false;
  return async ({ operation, environmentId }: TapRequest): Promise<boolean> => {
    if (operation !== "TransactWriteItems" || isDead) return false;
    isDead = true;
    await cloud().functions.kill(environmentId ?? "");
    return true;
  };
}

test("D1: without an externalId, the same request twice is two transfers", async () => {
  const [first, second] = [await send(), await send()];
  expect(readEntity(first).id).not.toBe(readEntity(second).id);
  expect(await moved()).toBe(200);
});

test("D2: with an externalId, the repeat gets 200 and the same transfer", async () => {
  const externalId = randomUUID();
  const first = await send({ externalId });
  const repeat = await send({ externalId });
  expect([first.status, repeat.status]).toEqual([200, 200]);
  expect(readEntity(first)).toMatchObject({ externalId, walletId: "acc_alice", status: "Pending" });
  expect(readEntity(repeat)).toEqual(readEntity(first));
  expect((await get(`${TRANSFERS}/${readEntity(first).id}`)).text).toBe(repeat.text);
  expect(await moved()).toBe(100);
});

test("D3: the order of the members makes no difference", async () => {
  const externalId = randomUUID();
  const first = await send({ externalId });
  const members = { externalId, amount: "100", to: "acc_bob", kind: "Native" };
  const repeat = await post(TRANSFERS, { body: JSON.stringify(members) });
  expect([repeat.status, readEntity(repeat).id]).toEqual([200, readEntity(first).id]);
  expect(await moved()).toBe(100);
});

test("D4: another amount gets 409, which names the duplicate", async () => {
  const externalId = randomUUID();
  const { id } = readEntity(await send({ externalId }));
  expectConflict(await send({ externalId, amount: "200" }), { id, externalId });
  expect(await moved()).toBe(100);
});

test("D5: another wallet gets 409", async () => {
  const externalId = randomUUID();
  const { id } = readEntity(await send({ externalId }));
  const other = await send({ externalId }, { path: "/wallets/acc_other/transfers" });
  expectConflict(other, { id, externalId });
  expect(await moved()).toBe(100);
});

test("D6: the same externalId of another organisation executes", async () => {
  const externalId = randomUUID();
  const first = await send({ externalId });
  const path = "/wallets/acc_bob/transfers";
  const other = await send({ externalId, to: "acc_alice" }, { path, ...asBob() });
  expect([other.status, readEntity(other).id === readEntity(first).id]).toEqual([200, false]);
  expect(await moved()).toBe(0);
});

test("D7: the same externalId for another kind of resource executes", async () => {
  const externalId = randomUUID();
  const transfer = await send({ externalId });
  const path = "/wallets/acc_alice/transactions";
  const body = JSON.stringify({ kind: "Transaction", transaction: "0x00", externalId });
  const transaction = await post(path, { body });
  expect(transaction.status).toBe(200);
  expect(readEntity(transaction).id).not.toBe(readEntity(transfer).id);
  expect((await post(path, { body })).text).toBe(transaction.text);
});

test("D8: of 25 at once there is one transfer, and all get it, or 409 with Retry-After", async () => {
  const externalId = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => sendUntilServed(() => send({ externalId }))),
  );
  const made = answers.filter(({ status }) => status === 200);
  expect(new Set(made.map((answer) => readEntity(answer).id)).size).toBe(1);
  for (const { status, headers } of answers.filter(({ status }) => status !== 200)) {
    expect([status, headers.get("retry-after")]).toEqual([409, "1"]);
  }
  expect(await moved()).toBe(100);
}, 120_000);

test.each([
  ["validation", { amount: "1.5" }, 400],
  ["an empty account", { amount: "100000000" }, 422],
  ["an account that is not there", { to: "acc_nobody" }, 422],
])(
  "D9: refused by %s, and corrected, it executes under the same externalId",
  async (_, wrong, status) => {
    const externalId = randomUUID();
    const refused = await send({ externalId, ...wrong });
    expect([refused.status, readEntity(refused).error.status]).toEqual([status, status]);
    expect((await send({ externalId })).status).toBe(200);
    expect(await moved()).toBe(100);
  },
);

test.each([
  "D10: a failed transfer is shown as Failed",
  "D13: a transfer that has moved on is shown as Confirmed",
])("%s to the repeat, and nothing executes", async (title) => {
  const status = title.split(" ").at(-1) as string;
  const externalId = randomUUID();
  const { id } = readEntity(await send({ externalId }));
  await setStatus(id, status);
  const repeat = await send({ externalId });
  expect(repeat.status).toBe(200);
  expect(readEntity(repeat)).toMatchObject({ id, status });
  expect(await moved()).toBe(100);
});

test("D11: killed before the commit, the retry executes once", async () => {
  const externalId = randomUUID();
  const isKilled = killAtCommit();
  disturb(async (request) => ((await isKilled(request)) ? "drop-request" : "forward"));
  expect((await send({ externalId })).status).toBe(500);
  expect(await moved()).toBe(0);
  expect((await send({ externalId })).status).toBe(200);
  expect(await moved()).toBe(100);
});

test("D12: killed after the commit, the retry gets 200 and the transfer that was made", async () => {
  const externalId = randomUUID();
  const isKilled = killAtCommit();
  let committed = "";
  disturbAnswers(async (request) => {
    if (!(await isKilled(request))) return "pass";
    committed = JSON.stringify(request.body);
    return "drop";
  });
  expect((await send({ externalId })).status).toBe(500);
  expect(await moved()).toBe(100);
  const retry = await send({ externalId });
  expect(retry.status).toBe(200);
  expect(committed).toContain(`transfer-request/${readEntity(retry).id}`);
  expect((await get(`${TRANSFERS}/${readEntity(retry).id}`)).text).toBe(retry.text);
  expect(await moved()).toBe(100);
});

test("D14: 400 days later the repeat still gets 200; the record has no end", async () => {
  const externalId = randomUUID();
  const first = await send({ externalId });
  advanceClock(400 * DAY_MS);
  expect((await send({ externalId })).text).toBe(first.text);
  expect(await moved()).toBe(100);
  const client = localClient(cloud().engine.endpoint);
  const TableName = cloud().tableName("IdempotencyTable");
  const { Items = [] } = await DynamoDBDocumentClient.from(client).send(
    new ScanCommand({ TableName }),
  );
  client.destroy();
  const { id } = readEntity(first);
  const record = Items.find(({ entityId }) => entityId === id);
  expect(record).toMatchObject({ state: "COMPLETED" });
  expect(record).not.toHaveProperty("expiresAt");
});

test("an externalId that cannot be printed, or is too long, is refused in Dfns' form", async () => {
  for (const externalId of ["a\u0007b", "x".repeat(257)]) {
    const refused = await send({ externalId });
    expect([refused.status, readEntity(refused).error.id]).toEqual([400, "key_malformed"]);
  }
  expect(await moved()).toBe(0);
});
