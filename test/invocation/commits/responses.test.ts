import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { dwolla, type IdempotencyContext } from "../../../lib/index.ts";
import { idempotency } from "../../../lib/middy.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import type { Behaviour } from "../../support/service.ts";
import { clientOf, createTable } from "../../support/table.ts";
import { type Accounts, openAccounts } from "./accounts.ts";
import { openService } from "./open-service.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const REQUEST = httpApiEvent({ key: "k" });

/** A service that moves 10 from a to b, and responds as the test says. */
const opened = (
  behaviour: (accounts: Accounts) => Behaviour,
  options: Parameters<typeof openService>[2] = {},
) => openService(engine, behaviour, { claimAt: "commit", ...options });

describe("commit refuses a response that cannot be stored before the effect:", () => {
  test.each<[string, unknown, string]>([
    ["{ status: 201 }", { status: 201 }, "its statusCode is undefined"],
    ["{ statusCode: undefined }", { statusCode: undefined }, "its statusCode is undefined"],
    ["nothing", undefined, "it is undefined"],
    ["a text", "done", "it is 'done'"],
    ["a fetch Response", new Response("a", { status: 201 }), "it is a fetch Response"],
    ["a Buffer as body", { statusCode: 201, body: Buffer.from("a") }, "its body is a Buffer"],
    ["an object as body", { statusCode: 201, body: {} }, "its body is {} and not a string"],
    ["a 401", { statusCode: 401 }, "its status is about the credentials"],
    ["a 407", { statusCode: 407 }, "its status is about the credentials"],
  ])("%s", async (_name, response, reason) => {
    const { call, balances, sent } = await opened(({ move }) => async ({ count, context }) => {
      const wanted = count === 1 ? response : { statusCode: 201 };
      return context.idempotency.commit(move(10), wanted as never);
    });
    await expect(call(REQUEST)).rejects.toMatchObject({
      name: "IdempotencyCommitError",
      message: expect.stringContaining(`commit: the response cannot be stored: ${reason}`),
    });
    expect(sent).not.toContain("TransactWriteItems");
    expect(await call(REQUEST)).toMatchObject({ statusCode: 201 });
    expect(await balances()).toEqual([90, 110]);
  });

  test("and the handler may commit another response then", async () => {
    const { call } = await opened(({ move }) => async ({ context: { idempotency } }) => {
      await idempotency.commit(move(10), { status: 201 } as never).catch(() => {});
      return idempotency.commit(move(10), { statusCode: 201 });
    });
    expect(await call(REQUEST)).toEqual({ statusCode: 201 });
  });
});

describe("a committed response stays the same when", () => {
  const committed = { statusCode: 201, headers: { a: "1" }, body: "committed" };
  const response = () => ({
    statusCode: 201,
    multiValueHeaders: { a: ["1"] },
    body: "committed",
  });

  test.each<[string, (accounts: Accounts) => Behaviour]>([
    [
      "the response is changed while it is committed",
      ({ move }) =>
        async ({ context: { idempotency } }) => {
          const given = response();
          const done = idempotency.commit(move(10), given);
          given.body = "changed";
          given.multiValueHeaders.a.push("2");
          return done;
        },
    ],
    [
      "the value that commit returned is changed",
      ({ move }) =>
        async ({ context: { idempotency } }) => {
          const done = await idempotency.commit(move(10), response());
          Object.assign(done, { body: "changed" });
          Object.assign(done.multiValueHeaders ?? done.headers ?? {}, { a: ["2"] });
          return done;
        },
    ],
  ])("%s", async (_name, behaviour) => {
    const { call } = await opened(behaviour, { differentResponse: "warn" });
    expect(await call(REQUEST)).toEqual(committed);
    expect(await call(REQUEST)).toMatchObject(committed);
  });
});

test("a committed response may have cookies, which the first client alone gets", async () => {
  const response = { statusCode: 201, cookies: ["a=1"] };
  const { call } = await opened(({ move }) => ({ context: { idempotency } }) => {
    return idempotency.commit(move(10), response);
  });
  expect(await call(REQUEST)).toEqual(response);
  expect(await call(REQUEST)).toEqual({
    statusCode: 201,
    headers: { "Idempotent-Replayed": "true" },
  });
});

test("a committed response to an error has the form that its client reads", async () => {
  const { call } = await opened(({ move }) => async ({ context: { idempotency } }) => {
    await idempotency.commit(move(10), { statusCode: 201, multiValueHeaders: { a: ["1", "2"] } });
    throw Object.assign(new Error("no"), { statusCode: 422 });
  });
  expect(await call(REQUEST)).toEqual({ statusCode: 201, headers: { a: "1, 2" } });
});

test("without a key a response after a commit goes on as it is", async () => {
  const response = { statusCode: 201, body: "paid" };
  const { call } = await opened(
    ({ move }) =>
      async ({ context: { idempotency } }) => {
        await idempotency.commit(move(10), response);
        return response;
      },
    { profile: dwolla() },
  );
  expect(await call(httpApiEvent({}))).toBe(response);
});

test("claiming at the commit a 401 is not stored, and the repeat moves the money", async () => {
  const { call, balances } = await opened(({ move }) => ({ count, context }) => {
    if (count === 1) return { statusCode: 401, headers: { "WWW-Authenticate": "Bearer" } };
    return context.idempotency.commit(move(10), { statusCode: 201 });
  });
  expect(await call(REQUEST)).toEqual({
    statusCode: 401,
    headers: { "WWW-Authenticate": "Bearer" },
  });
  expect(await call(REQUEST)).toMatchObject({ statusCode: 201 });
  expect(await balances()).toEqual([90, 110]);
});

test("a large response keeps its Location where its body is not kept", async () => {
  const response = { statusCode: 201, headers: { location: "/1" }, body: "x".repeat(400_000) };
  const { call } = await opened(
    ({ move }) =>
      ({ context }) =>
        context.idempotency.commit(move(10), response),
    { largeResponse: "omit-body" },
  );
  expect((await call(REQUEST)).body).toBe(response.body);
  expect((await call(REQUEST)).headers).toMatchObject({ location: "/1" });
});

describe("where Middy's timeoutEarlyResponse answers in the handler's place,", () => {
  type Context = { readonly idempotency: IdempotencyContext };

  /** Step by step, as Middy does it, so that each is over when the next one begins. */
  async function steps(event: object) {
    const accounts = await openAccounts(clientOf(engine));
    const client = clientOf(engine, 3);
    const store = dynamoDbStore({ tableName: await createTable(clientOf(engine)), client });
    const options = { store, singleTenant: true, profile: dwolla(), differentResponse: "warn" };
    const hooks = idempotency({ ...options, observe: () => {} } as never);
    const request = {
      event,
      context: { getRemainingTimeInMillis: () => 1_000 } as object as Context,
      response: undefined as unknown,
    };
    await hooks.before?.(request as never);
    const { commit, signal } = request.context.idempotency;
    return {
      ...accounts,
      signal,
      repeat: () => hooks.before?.({ event, context: {} } as never) as Promise<unknown>,
      commit: () => commit(accounts.move(10), { statusCode: 201, body: "paid" }),
      /** The responses that are assigned one after the other, and the response sent in the end. */
      async end(...responses: unknown[]) {
        for (const response of responses) request.response = response;
        await hooks.after?.(request as never);
        return request.response;
      },
      /** The response that is sent if a hook throws once a response was there. */
      async fail(response: unknown, error: Error) {
        Object.assign(request, { response });
        Object.assign(request, { response: undefined });
        Object.assign(request, { error });
        await hooks.onError?.(request as never);
        return request.response;
      },
    };
  }

  test("a commit after it is applied, and repeats get its response", async () => {
    const { commit, end, signal, repeat, balances } = await steps(REQUEST);
    expect(await end({ statusCode: 202 })).toEqual({ statusCode: 202 });
    expect(signal.aborted).toBe(true);
    await commit();
    expect(await repeat()).toMatchObject({ statusCode: 201, body: "paid" });
    expect(await balances()).toEqual([90, 110]);
  });

  test.each([
    ["under a key", REQUEST],
    ["without one", httpApiEvent({})],
  ])("the client gets the response that was committed before it, %s", async (_name, event) => {
    const { commit, end } = await steps(event);
    await commit();
    expect(await end({ statusCode: 202 })).toEqual({ statusCode: 201, body: "paid" });
  });

  test("a response that was committed and returned may be shaped by hooks", async () => {
    const { commit, end } = await steps(REQUEST);
    const shaped = { statusCode: 201, body: "paid", headers: { a: "1" } };
    expect(await end(await commit(), shaped)).toEqual(shaped);
  });

  test("a 4xx of a hook does not hide an earlier commit", async () => {
    const { commit, fail } = await steps(REQUEST);
    await commit();
    const refusal = Object.assign(new Error("no"), { statusCode: 422 });
    expect(await fail({ statusCode: 202 }, refusal)).toEqual({ statusCode: 201, body: "paid" });
  });

  test("without a key a commit after it is applied as well", async () => {
    const { commit, end, signal, balances } = await steps(httpApiEvent({}));
    expect(await end({ statusCode: 202 })).toEqual({ statusCode: 202 });
    expect(signal.aborted).toBe(true);
    await commit();
    expect(await balances()).toEqual([90, 110]);
  });
});
