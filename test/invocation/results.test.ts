import { describe, expect, test } from "@jest/globals";
import {
  defineProfile,
  dwolla,
  gluwa,
  ietf,
  memoryStore,
  orzcash,
  type Profile,
  stripe,
} from "../../lib/index.ts";
import { albEvent, httpApiEvent, type RequestParts, restApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const request = (parts: RequestParts = {}) =>
  httpApiEvent({ key: KEY, body: JSON.stringify({ Idem: KEY, amount: 1 }), ...parts });
const OTHER_PAYLOAD = request({ body: JSON.stringify({ Idem: KEY, amount: 2 }) });

describe("a result that is not a response is executed once, and the operator is told:", () => {
  test.each<[string, unknown, number]>([
    ["{ status: 201 }", { status: 201 }, 200],
    ["a body that is an object", { statusCode: 201, body: { id: 1 } }, 500],
    ["a status beyond 599", { statusCode: 1000 }, 500],
    ["a BigInt", { statusCode: 201, amount: 1n }, 500],
    ["a stream", new ReadableStream(), 200],
  ])("%s", async (_name, result, statusCode) => {
    const { call, runs, observed } = serviceOf(() => result);
    const first = await call(request());
    expect(first.statusCode).toBe(statusCode);
    expect(await call(request())).toMatchObject({ statusCode, body: first.body as string });
    expect(runs()).toBe(1);
    expect(observed).toContainEqual({
      kind: "invalidResponse",
      recordId: expect.any(String),
      message: expect.stringContaining(`Clients get ${statusCode}, now and on every repeat.`),
    });
  });

  test("behind a REST API it is a 502, which is not retried", async () => {
    const { call, runs } = serviceOf(() => ({ status: 201 }));
    expect((await call(restApiEvent({ key: KEY }))).statusCode).toBe(502);
    expect((await call(restApiEvent({ key: KEY }))).statusCode).toBe(502);
    expect(runs()).toBe(1);
  });

  test("a rejected result has had no effect, and frees its key", async () => {
    const { call, runs, observed } = serviceOf(({ count, context }) =>
      count === 1 ? context.idempotency.reject({ status: 422 } as never) : { statusCode: 201 },
    );
    await call(request());
    expect(observed).toContainEqual(
      expect.objectContaining({
        kind: "invalidResponse",
        message: expect.stringContaining("Clients get 200. Use"),
      }),
    );
    expect((await call(OTHER_PAYLOAD)).statusCode).toBe(201);
    expect(runs()).toBe(2);
  });

  test("but a plain result is a response", async () => {
    const { call, observed } = serviceOf(() => ({ id: "t-1" }));
    expect(await call(request())).toMatchObject({ statusCode: 200, body: '{"id":"t-1"}' });
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
  });
});

describe("a mark belongs to the value that it marks:", () => {
  const rejectedFirst: Behaviour = ({ context: { idempotency } }) => {
    const first = idempotency.reject({ statusCode: 422, body: "first" });
    idempotency.reject({ statusCode: 422, body: "second" });
    return first;
  };
  const finalFirst: Behaviour = ({ context: { idempotency } }) => {
    const first = idempotency.final({ statusCode: 500, body: "first" });
    idempotency.final({ statusCode: 500, body: "second" });
    return first;
  };

  test("a rejected response frees the key, also if another response was rejected after it", async () => {
    const { call, observed } = serviceOf(rejectedFirst);
    await call(request());
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "freed"]);
  });

  test("a final response is stored, also if another response was marked final after it", async () => {
    const { call, runs } = serviceOf(finalFirst);
    await call(request());
    expect((await call(request())).body).toBe("first");
    expect(runs()).toBe(1);
  });

  test("of two marks on one value the last counts", async () => {
    const response = { statusCode: 500 };
    const last = serviceOf(({ context: { idempotency } }) =>
      idempotency.final(idempotency.reject(response)),
    );
    await last.call(request());
    expect(last.observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
    const first = serviceOf(({ context: { idempotency } }) =>
      idempotency.reject(idempotency.final(response)),
    );
    await first.call(request());
    expect(first.observed.map(({ kind }) => kind)).toEqual(["claimed", "freed"]);
  });

  test("it ends with its request: another request that returns the same object is not rejected", async () => {
    const shared = { statusCode: 422 };
    const { call, observed } = serviceOf(({ count, context }) =>
      count === 1 ? context.idempotency.reject(shared) : shared,
    );
    await call(request());
    await call(request());
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "freed", "claimed", "completed"]);
  });

  test.each([
    ["a text", "done", "done; expected an object"],
    ["nothing", undefined, "undefined; expected an object"],
    ["null", null, "null; expected an object"],
    ["a promise", Promise.resolve({ statusCode: 422 }), "a promise; await it first"],
  ])("%s cannot be marked", async (_name, response, message) => {
    for (const mark of ["reject", "final"] as const) {
      const { call } = serviceOf(({ context }) => context.idempotency[mark](response as never));
      await expect(call(request())).rejects.toThrow(`idempotency: ${mark}() got ${message}`);
    }
  });
});

describe.each([401, 407])(
  "a %i is never stored, and fresh credentials get a fresh response:",
  (statusCode) => {
    const challenge = { statusCode, headers: { "WWW-Authenticate": "Bearer" }, body: "who?" };
    const thenCreated =
      (first: Behaviour): Behaviour =>
      (run) =>
        run.count === 1 ? first(run) : { statusCode: 201, body: "created" };
    const storesAll = (profile: Profile) =>
      defineProfile({ ...profile, name: "stores-all", outcome: () => "complete" });

    test.each<[string, Profile]>([
      ["ietf", ietf()],
      ["dwolla", dwolla()],
      ["orzcash", orzcash()],
      ["stripe", stripe()],
      ["gluwa", gluwa()],
      ["a profile that stores everything", storesAll(ietf())],
      ["a profile that stores everything and refuses interrupted work", storesAll(gluwa())],
    ])("returned under %s", async (_name, profile) => {
      const { call, runs } = serviceOf(
        thenCreated(() => challenge),
        { profile },
      );
      expect(await call(request())).toEqual(challenge);
      expect(await call(request())).toMatchObject({ statusCode: 201 });
      expect(runs()).toBe(2);
    });

    test.each<[string, Profile]>([
      ["ietf", ietf()],
      ["gluwa", gluwa()],
      ["a profile that stores everything", storesAll(ietf())],
    ])("thrown under %s", async (_name, profile) => {
      const error = Object.assign(new Error("who?"), { statusCode });
      const { call } = serviceOf(
        thenCreated(() => Promise.reject(error)),
        { profile },
      );
      await expect(call(request())).rejects.toBe(error);
      expect(await call(request())).toMatchObject({ statusCode: 201 });
    });

    test("if the profile refuses interrupted work, the key stays bound once the work has begun", async () => {
      const { call, runs } = serviceOf(
        ({ context }) => {
          context.idempotency.downstreamKey("bank");
          return challenge;
        },
        { profile: gluwa() },
      );
      await call(request());
      expect((await call(request())).statusCode).toBe(409);
      expect(runs()).toBe(1);
    });

    test("unless the handler marks it final", async () => {
      const { call, runs } = serviceOf(({ context }) => context.idempotency.final(challenge));
      await call(request());
      expect(await call(request())).toEqual({
        statusCode,
        headers: { "Idempotent-Replayed": "true" },
        body: "who?",
      });
      expect(runs()).toBe(1);
    });
  },
);

test("a replay is in a coding that this client accepts", async () => {
  const { gzipSync } = await import("node:zlib");
  const { call } = serviceOf(() => ({
    statusCode: 201,
    headers: { "content-encoding": "gzip" },
    body: gzipSync("created").toString("base64"),
    isBase64Encoded: true,
  }));
  const headers = { "Accept-Encoding": "gzip" };
  const first = await call(request({ headers }));
  expect((await call(request({ headers }))).body).toBe(first.body);
  expect(await call(request())).toEqual({
    statusCode: 201,
    headers: { vary: "Accept-Encoding", "Idempotent-Replayed": "true" },
    body: "created",
    isBase64Encoded: false,
  });
});

test("a refusal has the form that its client reads", async () => {
  const { call } = serviceOf(() => ({ statusCode: 201 }));
  const refused = await call(albEvent({}, true));
  expect(refused).toMatchObject({
    statusCode: 400,
    multiValueHeaders: { "content-type": ["application/problem+json"] },
  });
  expect(refused.headers).toBeUndefined();
});

test("the refusal for an unreadable record does not claim that nothing was executed", async () => {
  const store = memoryStore();
  const { call, observed } = serviceOf(() => ({ statusCode: 201 }), {
    store: {
      ...store,
      complete: (done, options) => store.complete({ ...done, response: "{}" }, options),
    },
  });
  await call(request());
  const { code, message } = problemOf(await call(request()));
  expect(code).toBe("record_unreadable");
  expect(message).not.toContain("Nothing was executed");
  expect(observed.at(-1)).toMatchObject({ kind: "refused", code: "record_unreadable" });
});
