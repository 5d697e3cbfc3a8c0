import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import {
  type ClientRequest,
  startTransferService,
  type TransferService,
} from "./transfer-service.ts";

let service: TransferService;
beforeAll(async () => {
  service = await startTransferService();
});
afterAll(() => service.close());

const aliceSays = () => ({ authorization: `Bearer ${service.alice.token}` });
const bobSays = () => ({ authorization: `Bearer ${service.bob.token}` });

const order = (amountMinor: number, changes: object = {}) =>
  JSON.stringify({ from: "acc_alice", to: "acc_bob", amountMinor, currency: "EUR", ...changes });

const post = (key: string, body: string, headers = aliceSays()) =>
  service.send("POST /transfers", { headers: { ...headers, "idempotency-key": key }, body });

async function balances(): Promise<number[]> {
  const [alice, bob] = await Promise.all([
    service.send("GET /accounts/acc_alice", { headers: aliceSays() }),
    service.send("GET /accounts/acc_bob", { headers: bobSays() }),
  ]);
  return [alice, bob].map((answer) => JSON.parse(answer.body ?? "").balanceMinor);
}

/** Checks that a response is a problem, and returns its `error` member. */
function readProblem({ statusCode, headers, body = "" }: APIGatewayProxyStructuredResultV2) {
  expect(headers?.["content-type"]).toBe("application/problem+json");
  const { error, ...problem } = JSON.parse(body);
  expect(problem).toEqual({
    type: "about:blank",
    title: expect.any(String),
    status: statusCode,
    detail: error.message,
    message: error.message,
  });
  expect(body).not.toMatch(/\bat .*:\d+:\d+/);
  return { status: statusCode, code: error.code };
}

test("a transfer sent twice moves the money once, and both get the same response", async () => {
  const before = await balances();
  const first = await post("twice", order(2500));
  const second = await post("twice", order(2500));
  const { id } = JSON.parse(first.body ?? "");
  expect(first).toMatchObject({ statusCode: 201, headers: { location: `/transfers/${id}` } });
  expect(second.body).toBe(first.body);
  expect(second.headers).toMatchObject({ "Idempotent-Replayed": "true" });
  expect(await balances()).toEqual([(before[0] ?? 0) - 2500, (before[1] ?? 0) + 2500]);
});

test("a repeat gets the first response even if the transfer took all the money", async () => {
  const [, bob = 0] = await balances();
  const everything = order(bob, { from: "acc_bob", to: "acc_alice" });
  const first = await post("everything", everything, bobSays());
  expect((await balances())[1]).toBe(0);
  const second = await post("everything", everything, bobSays());
  expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
  expect(second.body).toBe(first.body);
  await post("back", order(bob));
});

test("a transfer is found at its Location, by its sender only", async () => {
  const { headers = {}, body } = await post("found", order(1));
  const route = `GET ${headers.location}`;
  expect(await service.send(route, { headers: aliceSays() })).toMatchObject({
    statusCode: 200,
    body,
  });
  expect(readProblem(await service.send(route, { headers: bobSays() }))).toEqual({
    status: 404,
    code: "not_found",
  });
});

test("the key of one holder means nothing for another", async () => {
  const alice = await post("shared", order(100));
  const bob = await post("shared", order(100, { from: "acc_bob", to: "acc_alice" }), bobSays());
  expect([alice.statusCode, bob.statusCode]).toEqual([201, 201]);
  expect(bob.body).not.toBe(alice.body);
});

test("a refusal of the ledger is stored, and a malformed request frees its key", async () => {
  const overdraft = await post("refused", order(10_000_000));
  expect(readProblem(overdraft)).toEqual({ status: 422, code: "insufficient_funds" });
  expect((await post("refused", order(10_000_000))).headers).toMatchObject({
    "Idempotent-Replayed": "true",
  });

  const malformed = await post("malformed", order(0));
  expect(readProblem(malformed)).toEqual({ status: 400, code: "member_invalid" });
  expect(await post("malformed", order(1))).toMatchObject({ statusCode: 201 });
});

test("another holder's account cannot be debited", async () => {
  const before = await balances();
  const stolen = await post("stolen", order(100), bobSays());
  expect(readProblem(stolen)).toEqual({ status: 422, code: "unknown_account" });
  expect(await balances()).toEqual(before);
});

test.each([
  ["unknown_account", { to: "acc_nobody" }],
  ["currency_mismatch", { currency: "USD" }],
])("the ledger's refusal %s is a 422", async (code, changes) => {
  expect(readProblem(await post(code, order(1, changes)))).toEqual({ status: 422, code });
});

test.each([
  ["missing", {}, "Bearer", "token_missing"],
  ["empty", { authorization: "" }, "Bearer", "token_missing"],
  [
    "no bearer token",
    { authorization: "Basic YTpi" },
    'Bearer error="invalid_token"',
    "token_malformed",
  ],
  [
    "two tokens",
    { authorization: "Bearer a, Bearer b" },
    'Bearer error="invalid_token"',
    "token_malformed",
  ],
  ["unknown", { authorization: "Bearer abc" }, 'Bearer error="invalid_token"', "token_unknown"],
])("a token that is %s is a 401 on every route", async (_, headers, challenge, code) => {
  const before = await balances();
  const requests: [string, ClientRequest][] = [
    ["POST /transfers", { headers: { ...headers, "idempotency-key": "nobody" }, body: order(1) }],
    ["GET /transfers/tr_x", { headers }],
    ["GET /accounts/acc_alice", { headers }],
  ];
  for (const [route, request] of requests) {
    const answer = await service.send(route, request);
    expect(readProblem(answer)).toEqual({ status: 401, code });
    expect(answer.headers?.["www-authenticate"]).toBe(challenge);
  }
  expect(await balances()).toEqual(before);
});

test.each([
  "GET /accounts/acc_nobody",
  "GET /accounts/acc_bob",
  "GET /accounts/%00",
  `GET /accounts/${"x".repeat(5000)}`,
  "GET /transfers/tr_nothing",
  `GET /transfers/tr_${"0".repeat(36)}`,
])("%.40s is a 404 for alice", async (route) => {
  const answer = await service.send(route, { headers: aliceSays() });
  expect(readProblem(answer)).toEqual({ status: 404, code: "not_found" });
});

test("a transfer without an Idempotency-Key is made each time", async () => {
  const request = { headers: aliceSays(), body: order(1) };
  const first = await service.send("POST /transfers", request);
  const second = await service.send("POST /transfers", request);
  expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
  expect(second.headers?.location).not.toBe(first.headers?.location);
});
