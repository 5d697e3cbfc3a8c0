import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createRefusal } from "../../local/refusal.ts";
import { createOrder, type Received, runService } from "./service.ts";

const service = runService();
const { cloud, holders, transfer, payout, balances, advanceClock, disturb } = service;

const THROTTLED = createRefusal("ThrottlingException");

let before: readonly [number, number];
beforeEach(async () => {
  before = await balances();
});

/** Always a clear problem+json response, never a stack trace. */
function expectProblem(answer: Received, status: number, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.error).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.error.message.length).toBeGreaterThan(20);
  expect(answer.text).not.toMatch(/ at .*\.(ts|js|mjs):\d+|node_modules|Error:/);
}

describe("no transfer comes of", () => {
  afterEach(async () => {
    expect(await balances()).toEqual(before);
  });

  test.each([
    ["an empty key", ""],
    ["256 characters", "k".repeat(256)],
    ["two keys in one header", "a, b"],
    ["a key with parameters", '"a";v=1'],
    ["a string that does not end", '"a'],
    ["a key that is not ASCII", "cl\u00e9"],
    ["a control character", "a\tb"],
  ])("%s", async (_name, key) => {
    expectProblem(await transfer({ key }), 400, "key_malformed");
  });

  test("two headers with two keys", async () => {
    const { alice } = holders();
    const sent = request(`${cloud().url}/transfers`, {
      method: "POST",
      headers: [
        ...["authorization", `Bearer ${alice.token}`, "content-type", "application/json"],
        ...["host", new URL(cloud().url).host, "transfer-encoding", "chunked"],
        ...["idempotency-key", "a", "idempotency-key", "b"],
      ],
    }).end(createOrder(holders()));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toBe("application/problem+json");
  });

  test("no token, a malformed one, an unknown one", async () => {
    const withoutToken = await transfer({ key: "k", token: undefined });
    expectProblem(withoutToken, 401, "token_missing");
    expect(withoutToken.headers.get("www-authenticate")).toBe("Bearer");
    expectProblem(await transfer({ key: "k", token: "Basic abc" }), 401, "token_malformed");
    expectProblem(await transfer({ key: "k", token: "Bearer abc" }), 401, "token_unknown");
  });

  test.each([
    ["0", "0"],
    ["negative", "-1"],
    ["fractional", "1.5"],
    ["2^53 + 1", "9007199254740993"],
    ["a string", '"100"'],
    ["missing", "null"],
    ["a float that looks whole, but too large", "1e300"],
  ])("an amount that is %s", async (_name, amount) => {
    const body = createOrder(holders()).replace("100", amount);
    const answer = await transfer({ key: `amount ${amount}`.replace(/\W/g, "-"), body });
    expectProblem(answer, 400, "member_invalid");
    expect(answer.error.message).toContain("amountMinor");
  });

  test("the same account on both sides", async () => {
    const { alice } = holders();
    const body = createOrder(holders(), { to: alice.account });
    expectProblem(await transfer({ key: "same", body }), 400, "member_invalid");
  });

  test("an unknown account or another holder's account, which look the same", async () => {
    const { alice, bob } = holders();
    const unknown = await transfer({
      key: "u1",
      body: createOrder(holders(), { to: "acc_nobody" }),
    });
    expectProblem(unknown, 422, "unknown_account");
    const foreign = createOrder(holders(), { from: bob.account, to: alice.account });
    expectProblem(await transfer({ key: "u2", body: foreign }), 422, "unknown_account");
  });

  test("more than the account holds, and every repeat gets the same refusal", async () => {
    const body = createOrder(holders(), { amountMinor: 1_000_000 });
    const first = await transfer({ key: "overdraft", body });
    expectProblem(first, 422, "insufficient_funds");
    const second = await transfer({ key: "overdraft", body });
    expect(second.text).toBe(first.text);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
  });

  test.each([
    ["not JSON", "{"],
    ["no object", "[]"],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["nested 10,000 deep", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    ["empty", ""],
  ])("a body that is %s", async (name, body) => {
    const key = `body-${name}`.replace(/\W/g, "-");
    // A body that is no text reaches the function in base64.
    const headers = typeof body === "string" ? {} : { "content-type": "application/octet-stream" };
    expectProblem(await transfer({ key, body, headers }), 400, "body_malformed");
  });

  test("a member named __proto__", async () => {
    const body = createOrder(holders()).replace("{", '{"__proto__":{"amountMinor":1},');
    expectProblem(await transfer({ key: "proto", body }), 400, "member_unknown");
  });

  test.each([
    ["down", "drop-request" as const],
    ["throttled", THROTTLED],
  ])("a store that is %s: 503 with Retry-After", async (state, verdict) => {
    let isFirst = true;
    disturb(({ operation }) => {
      if (operation !== "TransactWriteItems") return "forward";
      // A throttled request is sent again for as long as the invocation lasts.
      if (isFirst) advanceClock(8_000);
      isFirst = false;
      return verdict;
    });
    const refused = await transfer({ key: `store-${state}` });
    // It depends on when time ran out: the last attempt was refused, or its outcome is unknown.
    expect(["commit_collided", "outcome_not_recorded"]).toContain(refused.error.code);
    expectProblem(refused, 503, refused.error.code);
    expect(refused.headers.get("retry-after")).toBe("1");
  });

  test.each([
    ["down", "drop-request" as const],
    ["throttled", THROTTLED],
  ])("a claim while the store is %s: 503 with Retry-After", async (_state, verdict) => {
    disturb(({ operation }) => (operation === "UpdateItem" ? verdict : "forward"));
    const refused = await payout({ key: randomUUID() });
    expectProblem(refused, 503, "store_unavailable");
    expect(refused.headers.get("retry-after")).toBe("1");
  });
});

test("a key that met a store that was down is not lost", async () => {
  let isDown = true;
  disturb(({ operation }) =>
    isDown && operation === "TransactWriteItems" ? "drop-request" : "forward",
  );
  expect((await transfer({ key: "store-back" })).status).toBe(503);
  isDown = false;
  expect((await transfer({ key: "store-back" })).status).toBe(201);
  expect((await balances())[0]).toBe(before[0] - 100);
});

test("a store slower than its time limit: 503 in time, and the retry moves no more than once", async () => {
  let isSlow = true;
  disturb(({ operation }) =>
    isSlow && operation === "TransactWriteItems" ? { delayMs: 2_500 } : "forward",
  );
  expectProblem(await transfer({ key: "slow" }), 503, "outcome_not_recorded");
  isSlow = false;
  expect((await transfer({ key: "slow" })).status).toBe(201);
  expect((await transfer({ key: "slow" })).headers.get("idempotent-replayed")).toBe("true");
  expect((await balances())[0]).toBe(before[0] - 100);
}, 60_000);

test("a body of 10 MB is refused by the gateway, and moves nothing", async () => {
  const answer = await transfer({ key: "large", body: `"${"x".repeat(10 * 1024 * 1024)}"` });
  expect(answer.status).toBe(413);
  expect(await balances()).toEqual(before);
});

test("a request that was invalid does not use up its key: corrected, it executes", async () => {
  const invalid = await transfer({ key: "fix", body: createOrder(holders(), { amountMinor: -1 }) });
  expect(invalid.status).toBe(400);
  expect((await transfer({ key: "fix" })).status).toBe(201);
  expect((await balances())[0]).toBe(before[0] - 100);
});
