import { randomUUID } from "node:crypto";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import type { CloudQueue } from "../../local/queues.ts";
import { createRefusal } from "../../local/refusal.ts";
import { createOrder, runService, type SentOrder, sendUntilServed } from "./service.ts";

const service = runService();

let client: SQSClient | undefined;
afterAll(() => client?.destroy());

const transfers = (): CloudQueue => service.cloud().queue("Transfers");
const deadTransfers = (): CloudQueue => service.cloud().queue("TransfersDead");

/** The time after which a failed message comes again. */
const VISIBILITY_TIMEOUT_MS = 60_000;
/** The time for which SQS knows a deduplication id. */
const DEDUPLICATION_MS = 5 * 60_000;
const MOST_RECEIVES = 5;

beforeEach(() => transfers().untilEmpty());

const ASYNC = { prefer: "respond-async" };

const send = (key: string, order: Omit<SentOrder, "key"> = {}) =>
  sendUntilServed(() => service.transfer({ key, ...order }));

const sendAsync = (key: string, amountMinor = 100) =>
  send(key, { headers: ASYNC, body: createOrder(service.holders(), { amountMinor }) });

async function readStatus(location: string | null) {
  const { status, text } = await service.get(String(location));
  return { httpStatus: status, ...JSON.parse(text) };
}

/** Receives every message of the queue in vain, until all are dead letters. */
async function exhaust(): Promise<void> {
  for (let receives = 0; receives < MOST_RECEIVES; receives += 1) {
    await transfers().untilIdle();
    service.advanceClock(VISIBILITY_TIMEOUT_MS);
  }
  await transfers().untilEmpty();
}

/** Lets every write of one function fail, until the result is called. */
function breakWrites(functionId: string): () => void {
  return service
    .cloud()
    .tap.onRequest(({ environmentId = "" }) =>
      environmentId.startsWith(functionId) ? createRefusal("ValidationException") : "forward",
    );
}

test("a transfer that is asked for asynchronously is accepted, and made once", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  const accepted = await sendAsync("accepted", 250);
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get("preference-applied")).toBe("respond-async");
  const { status, ...transfer } = JSON.parse(accepted.text);
  expect(status).toBe("pending");
  const location = accepted.headers.get("location");
  expect(location).toBe(`/transfers/${transfer.id}`);

  await transfers().untilEmpty();
  expect(await readStatus(location)).toEqual({ ...transfer, status: "made", httpStatus: 200 });
  expect(await service.balances()).toEqual([alice - 250, bob + 250]);
  const { text } = await service.get(String(location), service.holders().bob.token);
  expect(JSON.parse(text).error.code).toBe("not_found");
});

test("a pending transfer is found before it is made", async () => {
  const mend = breakWrites("MakeTransfers");
  const { headers } = await sendAsync("pending");
  await transfers().untilIdle();
  expect(await readStatus(headers.get("location"))).toMatchObject({ status: "pending" });
  mend();
  service.advanceClock(VISIBILITY_TIMEOUT_MS);
  await transfers().untilEmpty();
  expect(await readStatus(headers.get("location"))).toMatchObject({ status: "made" });
});

test("a repeat gets the same 202, with the preference and without", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  const first = await sendAsync("repeated");
  for (const headers of [ASYNC, {}]) {
    const repeat = await send("repeated", { headers });
    expect(repeat).toMatchObject({ status: 202, text: first.text });
    expect(repeat.headers.get("idempotent-replayed")).toBe("true");
    expect(repeat.headers.get("location")).toBe(first.headers.get("location"));
    expect(repeat.headers.get("preference-applied")).toBe("respond-async");
  }
  await transfers().untilEmpty();
  expect(await service.balances()).toEqual([alice - 100, bob + 100]);
});

test("a repeat with the preference gets the 201 of a transfer that was made at once", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  const first = await send("at-once");
  expect(first.status).toBe(201);
  const repeat = await sendAsync("at-once");
  expect(repeat).toMatchObject({ status: 201, text: first.text });
  expect(transfers().messages()).toEqual([]);
  expect(await service.balances()).toEqual([alice - 100, bob + 100]);
});

test("another amount under the key is refused, with the preference and without", async () => {
  await sendAsync("mismatch");
  const body = createOrder(service.holders(), { amountMinor: 999 });
  for (const headers of [ASYNC, {}]) {
    expect((await send("mismatch", { headers, body })).status).toBe(422);
  }
});

test("a malformed order is refused at once, and its key is free", async () => {
  const malformed = await sendAsync("malformed", 0);
  expect(malformed.status).toBe(400);
  expect((await sendAsync("malformed", 1)).status).toBe(202);
});

test("without a key each order is accepted for itself", async () => {
  const [alice = 0] = await service.balances();
  const locations = [];
  for (const order of [{ headers: ASYNC }, { headers: ASYNC }]) {
    const { status, headers } = await service.transfer(order);
    expect(status).toBe(202);
    locations.push(headers.get("location"));
  }
  expect(new Set(locations).size).toBe(2);
  await transfers().untilEmpty();
  expect((await service.balances())[0]).toBe(alice - 200);
});

test("an order that the account cannot pay is refused for good, and its status tells", async () => {
  const before = await service.balances();
  const { status, headers } = await sendAsync("overdrawn", 1_000_000_000);
  expect(status).toBe(202);
  await transfers().untilEmpty();
  expect(await readStatus(headers.get("location"))).toMatchObject({
    status: "refused",
    reason: "insufficient_funds",
  });
  expect(await service.balances()).toEqual(before);
  expect(deadTransfers().messages()).toEqual([]);
});

test.each([
  ["with the preference", ASYNC],
  ["without it", {}],
])(
  "after a death behind the message, the retry %s gets the 202; the money moves once",
  async (name, headers) => {
    const [alice = 0, bob = 0] = await service.balances();
    const key = `died-${name}`.replaceAll(" ", "-");
    let deaths = 0;
    // The transaction is the step; the next write is the completion, behind the message.
    service.disturb(async ({ operation, environmentId = "", body }) => {
      const isCompletion = JSON.stringify(body).includes("COMPLETED");
      if (!environmentId.startsWith("CreateTransfer") || deaths > 0) return "forward";
      if (operation !== "UpdateItem" || !isCompletion) return "forward";
      deaths += 1;
      await service.cloud().functions.kill(environmentId);
      return "drop-request";
    });
    await service.transfer({ key, headers: ASYNC });
    expect(deaths).toBe(1);
    await transfers().untilEmpty();

    // So late that SQS takes the second message for another one.
    service.advanceClock(DEDUPLICATION_MS + 1_000);
    const retry = await send(key, { headers });
    expect(retry.status).toBe(202);
    await transfers().untilEmpty();
    expect(await readStatus(retry.headers.get("location"))).toMatchObject({ status: "made" });
    expect(await service.balances()).toEqual([alice - 100, bob + 100]);
    expect(deadTransfers().messages()).toEqual([]);
  },
);

test("a consumer that dies behind its commit is called again, and the money has moved once", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  let deaths = 0;
  service.disturbAnswers(async ({ operation, environmentId = "" }) => {
    const isConsumer = environmentId.startsWith("MakeTransfers");
    if (operation !== "TransactWriteItems" || !isConsumer || deaths > 0) return "pass";
    deaths += 1;
    await service.cloud().functions.kill(environmentId);
    return "drop";
  });
  await sendAsync("consumer-died");
  await transfers().untilIdle();
  expect([deaths, transfers().messages().length]).toEqual([1, 1]);
  service.advanceClock(VISIBILITY_TIMEOUT_MS);
  await transfers().untilEmpty();
  expect(await service.balances()).toEqual([alice - 100, bob + 100]);
});

test("a redrive of a dead letter makes the transfer, once", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  const mend = breakWrites("MakeTransfers");
  const { headers } = await sendAsync("redriven");
  await exhaust();
  mend();
  expect(deadTransfers().messages()).toHaveLength(1);
  expect(await service.balances()).toEqual([alice, bob]);
  expect(deadTransfers().redrive()).toBe(1);
  await transfers().untilEmpty();
  expect(await readStatus(headers.get("location"))).toMatchObject({ status: "made" });
  expect(await service.balances()).toEqual([alice - 100, bob + 100]);
});

test("a poison message becomes a dead letter, and the orders behind it are made", async () => {
  const [alice = 0, bob = 0] = await service.balances();
  client ??= new SQSClient({
    endpoint: service.cloud().sqsEndpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await client.send(
    new SendMessageCommand({
      QueueUrl: transfers().url,
      MessageBody: "no transfer",
      MessageGroupId: service.holders().alice.account,
      MessageDeduplicationId: randomUUID(),
    }),
  );
  await sendAsync("behind-poison");
  await exhaust();
  expect(
    deadTransfers()
      .messages()
      .map(({ body }) => body),
  ).toEqual(["no transfer"]);
  expect(await service.balances()).toEqual([alice - 100, bob + 100]);
});

test("Dwolla's form knows no such preference", async () => {
  const { alice, bob } = service.holders();
  const href = (account: string) => ({ href: `https://example.com/accounts/${account}` });
  const body = JSON.stringify({
    _links: { source: href(alice.account), destination: href(bob.account) },
    amount: { currency: "EUR", value: "1.00" },
  });
  const made = await send("dwolla", { headers: ASYNC, body });
  expect([made.status, made.headers.get("preference-applied")]).toEqual([201, null]);
});
