import { PassThrough } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { idempotent, memoryStore } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { Observation } from "../../lib/observe.ts";
import { httpApiEvent } from "../support/events.ts";

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const REQUEST = httpApiEvent({ key: "k" });
const CREATED = { statusCode: 201 };

type Handler = Parameters<typeof idempotent>[0];
type Call = (...parameters: unknown[]) => Promise<unknown>;

/** A wrapped handler with its observations. */
function wrapped(handler: unknown) {
  const observed: Observation[] = [];
  const call = idempotent(handler as Handler, {
    store: memoryStore(),
    singleTenant: true,
    observe: (observation) => observed.push(observation),
  }) as unknown as Call;
  return { call, kinds: () => observed.map(({ kind }) => kind) };
}

describe("a handler that streams its response is refused", () => {
  const message =
    /a streamed response cannot be recorded and repeated.*async function that returns/;

  test("when it is wrapped", () => {
    expect(() => wrapped(Object.assign(() => {}, { [STREAMING]: "response" }))).toThrow(message);
  });

  test("when its wrapper is made to stream", () => {
    const { call } = wrapped(() => CREATED);
    expect((call as { [STREAMING]?: unknown })[STREAMING]).toBeUndefined();
    expect(() => Object.assign(call, { [STREAMING]: "response" })).toThrow(message);
  });

  test("at its first call, before the claim", async () => {
    const { call, kinds } = wrapped(() => CREATED);
    const responseStream = { write: () => true, end: () => {} };
    await expect(call(REQUEST, responseStream, {})).rejects.toThrow(message);
    expect(kinds()).toEqual([]);
  });

  test("at its first call in the middleware form, to which Middy gives the stream as context", async () => {
    let runs = 0;
    const observed: Observation[] = [];
    const observe = (observation: Observation) => observed.push(observation);
    const call = middy(async () => {
      runs += 1;
      return CREATED;
    }).use(idempotency({ store: memoryStore(), singleTenant: true, observe })) as unknown as Call;
    await expect(call(REQUEST, new PassThrough(), {})).rejects.toThrow(message);
    expect([runs, observed]).toEqual([0, []]);
  });

  test("but a context with only one of a stream's methods is a context", async () => {
    const { call } = wrapped(() => CREATED);
    expect(await call(REQUEST, { write: () => true })).toEqual(CREATED);
    expect(await call(REQUEST, { end: () => true })).toMatchObject(CREATED);
  });
});

describe("a handler that responds by a callback is refused", () => {
  type Callback = (error: unknown, result: unknown) => void;
  const declares = (_event: unknown, _context: unknown, callback: Callback) =>
    callback(null, CREATED);

  test.each<[string, unknown[], RegExp]>([
    ["Lambda's callback", [() => {}], /third parameter, which is Lambda's callback/],
    ["nothing, as on Node 24", [], /third parameter, and is called without one/],
  ])("before the claim, if it is given %s", async (_what, rest, message) => {
    let runs = 0;
    const { call, kinds } = wrapped((event: unknown, context: unknown, callback: Callback) => {
      runs += 1;
      return declares(event, context, callback);
    });
    await expect(call(REQUEST, {}, ...rest)).rejects.toMatchObject({
      name: "IdempotencyConfigurationError",
      message: expect.stringMatching(message),
    });
    expect(kinds()).toEqual([]);
    expect(runs).toBe(0);
  });

  test("but Middy's third parameter is not a callback, nor is one with a default", async () => {
    const withSignal = (
      _event: unknown,
      _context: unknown,
      { signal }: { signal: AbortSignal },
    ) => ({
      statusCode: signal.aborted ? 500 : 201,
    });
    const handler = middy(wrapped(withSignal).call as never) as unknown as Call;
    expect(await handler(REQUEST, {})).toEqual(CREATED);
    const { call } = wrapped((_event: unknown, _context: unknown, _rest = {}) => CREATED);
    expect(await call(REQUEST, {})).toEqual(CREATED);
  });

  test("when it calls a callback that it does not declare", async () => {
    const answered: unknown[] = [];
    const { call, kinds } = wrapped(async (...parameters: unknown[]) => {
      (parameters[2] as Callback)(null, CREATED);
    });
    const callback = (...answer: unknown[]) => answered.push(answer);
    await expect(call(REQUEST, {}, callback)).rejects.toThrow(/has called callback\(\)/);
    expect(answered).toEqual([]);
    expect(kinds()).toEqual(["claimed", "released"]);
  });

  test("when it returns before it calls back: its claim stays, because the work may go on", async () => {
    const { call, kinds } = wrapped((..._parameters: unknown[]) => undefined);
    await expect(call(REQUEST, {}, () => {})).rejects.toThrow("neither a response nor a promise");
    expect(kinds()).toEqual(["claimed"]);
    expect(await call(REQUEST, {})).toMatchObject({ statusCode: 409 });
  });

  test("but not if it returns a response, or a promise of undefined", async () => {
    expect(await wrapped(() => CREATED).call(REQUEST, {}, () => {})).toEqual(CREATED);
    expect(await wrapped(async () => {}).call(REQUEST, {}, () => {})).toMatchObject({
      body: "null",
    });
    expect(await wrapped(() => {}).call(REQUEST, {})).toMatchObject({ body: "null" });
  });
});

describe.each(["done", "succeed", "fail"])("context.%s()", (name) => {
  const answers = (_event: unknown, context: object) => {
    (context as Record<string, (...answer: unknown[]) => void>)[name]?.(null, CREATED);
    return CREATED;
  };

  test("is refused in the wrapper and in the middleware", async () => {
    const answered: unknown[] = [];
    const context = () => ({ [name]: (...answer: unknown[]) => answered.push(answer) });
    const message = `idempotent: the handler has called context.${name}()`;
    await expect(wrapped(answers).call(REQUEST, context())).rejects.toThrow(message);
    const handler = middy()
      .use(idempotency({ store: memoryStore(), singleTenant: true }))
      .handler(answers as never) as unknown as Call;
    await expect(handler(REQUEST, context())).rejects.toThrow(message);
    expect(answered).toEqual([]);
  });

  test("is not added if Lambda has none", async () => {
    expect(await wrapped(answers).call(REQUEST, {})).toEqual(CREATED);
  });
});

test("only a function can be wrapped", () => {
  expect(() => wrapped(undefined)).toThrow(/the handler is undefined; expected a function/);
});
