import { randomUUID } from "node:crypto";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "@jest/globals";
import { tokenDigest } from "../../lambda/auth/bearer-token.ts";
import { localClient } from "../../local/tables.ts";
import { countMoney } from "./money.ts";
import { type Received, runService, type SentOrder, sendUntilServed } from "./service.ts";

const service = runService();
const { cloud, holders, post, get, advanceClock, disturbAnswers } = service;
const { moved } = countMoney(service);

const HOUR_MS = 60 * 60 * 1000;
const HAL = { "content-type": "application/vnd.dwolla.v1.hal+json" };

/** A transfer from Alice to Bob in Dwolla's form. */
function createBody(changes: object = {}, from = "alice", to = "bob"): string {
  const link = (account: string) => ({ href: `https://api.dwolla.com/accounts/acc_${account}` });
  const _links = { source: link(from), destination: link(to) };
  return JSON.stringify({ _links, amount: { currency: "EUR", value: "1.00" }, ...changes });
}

const send = (order: SentOrder = {}): Promise<Received> =>
  post("/transfers", { body: createBody(), headers: HAL, ...order });

/** The parts of a response that an official client sees. */
const seen = ({ status, headers, text }: Received) => ({
  status,
  location: headers.get("location"),
  text,
});

const amount = (value: string) => createBody({ amount: { currency: "EUR", value } });

test("W1: without a key, the same request twice is two transfers", async () => {
  const [first, second] = [await send(), await send()];
  expect(first.headers.get("location")).not.toBe(second.headers.get("location"));
  expect(await moved()).toBe(200);
});

test("W2: with a key, the repeat gets 201 and the same Location, and there is one transfer", async () => {
  const key = randomUUID();
  const first = await send({ key });
  expect(seen(first)).toEqual({
    status: 201,
    location: expect.stringMatching(/^https:\/\/.+\/transfers\/tr_/),
    text: "",
  });
  expect(seen(await send({ key }))).toEqual(seen(first));
  expect(await moved()).toBe(100);
  const { pathname } = new URL(first.headers.get("location") ?? "");
  expect(JSON.parse((await get(pathname)).text)).toMatchObject({ amountMinor: 100 });
});

test("W4: of 25 at once there is one transfer; the others get its 201, or 409 with Retry-After", async () => {
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => sendUntilServed(() => send({ key }))),
  );
  const created = answers.filter(({ status }) => status === 201);
  expect(new Set(created.map(({ headers }) => headers.get("location"))).size).toBe(1);
  for (const { status, headers } of answers.filter(({ status }) => status !== 201)) {
    expect([status, headers.get("retry-after")]).toEqual([409, "1"]);
  }
  expect(await moved()).toBe(100);
}, 120_000);

test("W5: another amount gets 422, and the honest retry is replayed", async () => {
  const key = randomUUID();
  const first = await send({ key });
  expect((await send({ key, body: amount("2.00") })).status).toBe(422);
  expect(seen(await send({ key }))).toEqual(seen(first));
  expect(await moved()).toBe(100);
});

test("W6: at 23:59 it is replayed, after 24 hours it is a new transfer", async () => {
  const key = randomUUID();
  const first = await send({ key });
  advanceClock(24 * HOUR_MS - 60_000);
  expect(seen(await send({ key }))).toEqual(seen(first));
  advanceClock(120_000);
  expect((await send({ key })).headers.get("location")).not.toBe(first.headers.get("location"));
  expect(await moved()).toBe(200);
});

test("W7: a quoted key and the bare one are one key", async () => {
  const key = randomUUID();
  const first = await send({ key });
  expect(seen(await send({ key: `"${key}"` }))).toEqual(seen(first));
  expect(await moved()).toBe(100);
});

test.each([
  ["an amount that is no amount", () => amount("1.005"), "/amount"],
  ["an amount of nothing", () => amount("0.00"), "/amount"],
  ["no destination", () => createBody({ _links: {} }), "/_links"],
  ["one account on both sides", () => createBody({}, "alice", "alice"), "/_links"],
])(
  "W8: %s is refused with 400, and the corrected request executes under the key",
  async (_, wrong, path) => {
    const key = randomUUID();
    const refused = await send({ key, body: wrong() });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({
      code: "ValidationError",
      _embedded: { errors: [{ path }] },
    });
    expect((await send({ key })).status).toBe(201);
    expect(await moved()).toBe(100);
  },
);

test("W9: killed after the commit and before the response, the retry gets 201 and the Location", async () => {
  const key = randomUUID();
  const committed: string[] = [];
  disturbAnswers(async ({ operation, environmentId, body }) => {
    if (operation !== "TransactWriteItems" || committed.length > 0) return "pass";
    committed.push(JSON.stringify(body));
    await cloud().functions.kill(environmentId ?? "");
    return "drop";
  });
  expect((await send({ key })).status).toBe(500);
  expect(await moved()).toBe(100);
  const retry = seen(await send({ key }));
  expect(retry.status).toBe(201);
  // The transfer that the killed function committed, and no other transfer.
  const { pathname } = new URL(retry.location ?? "");
  expect(committed).toEqual([expect.stringContaining(pathname.split("/").at(-1) as string)]);
  expect((await get(pathname)).status).toBe(200);
  expect(await moved()).toBe(100);
});

test("W10: the same key of another account executes", async () => {
  const key = randomUUID();
  await send({ key });
  const { bob } = holders();
  const token = `Bearer ${bob.token}`;
  expect((await send({ key, token, body: createBody({}, "bob", "alice") })).status).toBe(201);
  expect(await moved()).toBe(0);
});

test("W11: another token of the same account is replayed", async () => {
  const key = randomUUID();
  const first = await send({ key });
  const token = randomUUID();
  const client = localClient(cloud().engine.endpoint);
  const Item = { tokenDigest: tokenDigest(token), holder: holders().alice.holder };
  const command = new PutCommand({ TableName: cloud().tableName("Tokens"), Item });
  await DynamoDBDocumentClient.from(client).send(command);
  client.destroy();
  expect(seen(await send({ key, token: `Bearer ${token}` }))).toEqual(seen(first));
  expect(await moved()).toBe(100);
});

test("a refusal of the account is stored, and has Dwolla's form", async () => {
  const key = randomUUID();
  const order = { key, body: amount("10000000.00") };
  const refused = await send(order);
  expect(refused.status).toBe(422);
  expect(JSON.parse(refused.text)).toMatchObject({ code: "insufficient_funds" });
  expect((await send(order)).text).toBe(refused.text);
});
