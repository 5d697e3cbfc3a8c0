import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { idempotent, memoryStore, type Observation } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { httpApiEvent } from "../support/events.ts";

const REQUEST = httpApiEvent({ key: "k" });

type Call = (event: object, context: object) => Promise<unknown>;
type Handler = () => Promise<unknown>;
type Options = Parameters<typeof idempotent>[1];

const wrapper = (handler: unknown, options: Options) =>
  idempotent(handler as never, options) as unknown as Call;
const middleware = (handler: unknown, options: Options) =>
  middy(handler as never).use(idempotency(options as never)) as unknown as Call;

/** A handler within two layers, with its observations. */
function layered(
  inner: (handler: unknown, options: Options) => unknown,
  outer: (handler: unknown, options: Options) => Call,
  ofInner: Partial<Options> = {},
) {
  let runs = 0;
  const observed: Observation[] = [];
  const handler: Handler = async () => {
    runs += 1;
    return { statusCode: 201, body: "{}" };
  };
  const options: Options = {
    store: memoryStore(),
    singleTenant: true,
    operation: "pay",
    observe: (observation) => observed.push(observation),
  };
  const call = outer(inner(handler, { ...options, ...ofInner } as Options), options);
  return { call, runs: () => runs, kinds: () => observed.map(({ kind }) => kind) };
}

describe("two layers around one handler are refused with the reason, and record nothing:", () => {
  test.each([
    ["a wrapper in a middleware", wrapper, middleware],
    ["a wrapper in a wrapper", wrapper, wrapper],
    ["a middleware in a wrapper", middleware, wrapper],
    ["a middleware beside a middleware", (handler: unknown) => handler, besideItself],
  ])("%s", async (_which, inner, outer) => {
    const { call, runs, kinds } = layered(inner, outer);
    await expect(call(REQUEST, {})).rejects.toMatchObject({
      name: "IdempotencyConfigurationError",
      message: expect.stringContaining(
        "another idempotent() or idempotency() already runs this request",
      ),
    });
    expect(runs()).toBe(0);
    expect(kinds()).toEqual(["claimed", "released"]);
  });

  function besideItself(handler: unknown, options: Options): Call {
    const twice = [idempotency(options as never), idempotency(options as never)];
    return middy(handler as never).use(twice as never) as unknown as Call;
  }
});

test.each<[string, Partial<Options>]>([
  ["operation", { operation: "book" }],
  ["store", { store: memoryStore() }],
])("layers with a different %s each have their own record", async (_what, ofInner) => {
  const { call, runs } = layered(wrapper, wrapper, ofInner);
  expect(await call(REQUEST, {})).toMatchObject({ statusCode: 201 });
  expect(await call(REQUEST, {})).toMatchObject({ statusCode: 201 });
  expect(runs()).toBe(1);
});
