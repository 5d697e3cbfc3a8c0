import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type IdempotencyContext, idempotent, type Store } from "../../../lib/index.ts";
import { idempotency } from "../../../lib/middy.ts";
import type { Observation } from "../../../lib/observe.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import type { Answer } from "../../support/service.ts";
import { clientOf, createTable } from "../../support/table.ts";

let engine: Engine;
let store: Store;
beforeAll(async () => {
  engine = await startEngine();
  const tableName = await createTable(clientOf(engine));
  store = dynamoDbStore({ tableName, client: clientOf(engine) });
}, 30_000);
afterAll(() => engine.close());

type Call = (event: unknown, context: object) => Promise<Answer>;
type Context = { readonly idempotency: IdempotencyContext };
type Middleware = Parameters<ReturnType<typeof middy>["use"]>[0];

const created = (_event: unknown, { idempotency: { commit } }: Context) =>
  commit([], { statusCode: 201, body: "{}" });

const cors = {
  after: (run: { response: unknown }) => {
    const { headers, ...response } = run.response as { headers?: object };
    run.response = { ...response, headers: { ...headers, "access-control-allow-origin": "*" } };
  },
} as Middleware;

describe("the committed response is sent, now and again:", () => {
  test("in the wrapper, hooks such as CORS run on first responses and on replays", async () => {
    const handler = middy(idempotent(created, { store, singleTenant: true }) as never).use(
      cors,
    ) as unknown as Call;
    const first = await handler(httpApiEvent({ key: "cors" }), {});
    const replay = await handler(httpApiEvent({ key: "cors" }), {});
    expect(first).toEqual({
      statusCode: 201,
      body: "{}",
      headers: { "access-control-allow-origin": "*" },
    });
    expect(replay).toEqual({
      ...first,
      headers: { ...first.headers, "Idempotent-Replayed": "true" },
    });
  });

  test("in the middleware, a response that is shaped later is an error in development", async () => {
    const handler = middy()
      .use(idempotency({ store, singleTenant: true }))
      .use(cors)
      .handler(created as never) as unknown as Call;
    await expect(handler(httpApiEvent({ key: "shaped" }), {})).rejects.toThrow(
      /differs from the committed one.*middy\(idempotent\(handler, options\)\)/,
    );
    const replay = await handler(httpApiEvent({ key: "shaped" }), {});
    expect(replay).toMatchObject({ statusCode: 201, body: "{}" });
  });

  test("in production it is sent, and observed", async () => {
    const observed: Observation[] = [];
    const handler = middy()
      .use(
        idempotency({
          store,
          singleTenant: true,
          differentResponse: "warn",
          observe: (one) => observed.push(one),
        }),
      )
      .use(cors)
      .handler(created as never) as unknown as Call;
    const first = await handler(httpApiEvent({ key: "production" }), {});
    expect(first.headers).toEqual({ "access-control-allow-origin": "*" });
    expect(observed.at(-1)).toMatchObject({ kind: "responseDiffers" });
  });

  test("by default it depends on NODE_ENV", async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = "production";
    const handler = idempotent(
      async (event: unknown, context: Context) => {
        await created(event, context);
        return { statusCode: 202 };
      },
      { store, singleTenant: true, observe: () => {} },
    ) as unknown as Call;
    process.env.NODE_ENV = before;
    // The wrapper gives a repeat's response.
    expect((await handler(httpApiEvent({ key: "env" }), {})).statusCode).toBe(201);
  });

  test("a handler that throws after its commit changes nothing: the repeat gets the response", async () => {
    const handler = idempotent(
      async (event: unknown, context: Context) => {
        await created(event, context);
        throw new Error("the metrics are down");
      },
      { store, singleTenant: true },
    ) as unknown as Call;
    await expect(handler(httpApiEvent({ key: "late" }), {})).rejects.toThrow("the metrics");
    expect((await handler(httpApiEvent({ key: "late" }), {})).statusCode).toBe(201);
  });
});
