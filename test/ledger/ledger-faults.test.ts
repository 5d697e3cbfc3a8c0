import { randomUUID } from "node:crypto";
import {
  InternalServerError,
  TransactionCanceledException,
  TransactionInProgressException,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import { type Call, intercept } from "./intercept.ts";
import { startTransferService, type TransferService } from "./transfer-service.ts";

let service: TransferService;
let stopFault: () => void = () => {};
const logged = jest.spyOn(console, "error").mockImplementation(() => {});
jest.spyOn(console, "warn").mockImplementation(() => {});
beforeAll(async () => {
  service = await startTransferService();
});
afterEach(() => stopFault());
afterAll(() => service.close());

const headers = () => ({ authorization: `Bearer ${service.alice.token}` });
const body = JSON.stringify({
  from: "acc_alice",
  to: "acc_bob",
  amountMinor: 100,
  currency: "EUR",
});

const post = (key: string) =>
  service.send("POST /transfers", { headers: { ...headers(), "idempotency-key": key }, body });

const payOut = (key: string) =>
  service.send("POST /payouts", {
    headers: { ...headers(), "idempotency-key": key },
    body: JSON.stringify({
      from: "acc_alice",
      amountMinor: 100,
      currency: "EUR",
      beneficiary: "DE89370400440532013000",
    }),
  });

async function balance(): Promise<number> {
  const account = await service.send("GET /accounts/acc_alice", { headers: headers() });
  return JSON.parse(account.body ?? "").balanceMinor;
}

/** Injects a fault into the first transactions, and collects the tokens of all. */
function onTransactions(
  count: number,
  fault: (forward: () => Promise<unknown>) => Promise<unknown>,
) {
  const tokens: string[] = [];
  stopFault = intercept(service.client, ({ operation, input }, forward) => {
    if (operation !== "TransactWriteItems") return forward();
    tokens.push(input.ClientRequestToken);
    return tokens.length <= count ? fault(forward) : forward();
  });
  return tokens;
}

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

test.each([
  ["a conflict", cancelled("None", "TransactionConflict", "None")],
  ["throttling", cancelled("ThrottlingError", "None", "None")],
  ["its own first send", new TransactionInProgressException({ message: "busy", $metadata: {} })],
])("a transfer that meets %s is sent again with the same token", async (name, error) => {
  const before = await balance();
  const tokens = onTransactions(2, () => Promise.reject(error));
  expect(await post(`resent after ${name}`.replaceAll(" ", "-"))).toMatchObject({
    statusCode: 201,
  });
  expect(tokens).toHaveLength(3);
  expect(new Set(tokens).size).toBe(1);
  expect(await balance()).toBe(before - 100);
});

test("a transaction with a lost answer has moved the money, and the retry says so", async () => {
  const before = await balance();
  onTransactions(1, async (forward) => {
    await forward();
    throw Object.assign(new Error("answer lost"), { name: "TimeoutError" });
  });
  const lost = await post("lost");
  expect(lost).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" } });
  expect(lost.body).not.toContain("answer lost");

  const retried = await post("lost");
  expect(retried.statusCode).toBe(201);
  expect(await balance()).toBe(before - 100);
  const { id } = JSON.parse(retried.body ?? "");
  const stored = await service.send(`GET /transfers/${id}`, { headers: headers() });
  expect(retried.body).toBe(stored.body);
});

test("a reservation that meets a conflict is sent again with the same token", async () => {
  const before = await balance();
  const conflict = cancelled("TransactionConflict", "None", "None");
  const tokens = onTransactions(2, () => Promise.reject(conflict));
  expect(await payOut(randomUUID())).toMatchObject({ statusCode: 201 });
  // The reservation three times, and the commit.
  expect(tokens).toHaveLength(4);
  expect(new Set(tokens.slice(0, 3)).size).toBe(1);
  expect(await balance()).toBe(before - 100);
});

test("a retry finds the reservation after a lost answer", async () => {
  const before = await balance();
  const made = service.bank.payments.length;
  onTransactions(1, async (forward) => {
    await forward();
    throw Object.assign(new Error("answer lost"), { name: "TimeoutError" });
  });
  const key = randomUUID();
  const lost = await payOut(key);
  expect(lost).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" } });
  expect(JSON.parse(lost.body ?? "").error.code).toBe("outcome_not_recorded");
  expect(service.bank.payments).toHaveLength(made);
  expect(await payOut(key)).toMatchObject({ statusCode: 201 });
  expect(service.bank.payments).toHaveLength(made + 1);
  expect(await balance()).toBe(before - 100);
});

test("a token that cannot be checked is a 503, and nothing is claimed", async () => {
  const calls: Call[] = [];
  stopFault = intercept(service.client, (call) => {
    calls.push(call);
    return Promise.reject(new InternalServerError({ message: "down", $metadata: {} }));
  });
  expect(await post("unchecked")).toMatchObject({ statusCode: 503 });
  expect(calls.map((call) => call.operation)).toEqual(["GetItem"]);
});

test("a failure inside the service is a problem without its cause, which is logged", async () => {
  stopFault = intercept(service.client, ({ input }, forward) =>
    input.TableName === service.tables.ledger
      ? Promise.reject(new Error("the secret cause"))
      : forward(),
  );
  const answer = await service.send("GET /accounts/acc_alice", { headers: headers() });
  expect(answer).toMatchObject({
    statusCode: 500,
    headers: { "content-type": "application/problem+json" },
  });
  expect(answer.body).not.toContain("the secret cause");
  expect(logged).toHaveBeenLastCalledWith(expect.objectContaining({ message: "the secret cause" }));
});
