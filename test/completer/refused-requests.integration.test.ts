import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  type IdempotencyContext,
  type IdempotencyOptions,
  ietf,
  orzcash,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };
const NEAR_THE_END = { functionName: "pay", getRemainingTimeInMillis: () => 900 };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let engine: Engine;
let tableName: string;
let clock: ManualClock;

beforeAll(async () => {
  engine = await startEngine({ engine: "in-memory" });
}, 30_000);
beforeEach(async () => {
  tableName = await createTable(clientOf(engine));
  clock = manualClock();
});
afterAll(() => engine.close());

const store = () => dynamoDbStore({ tableName, client: clientOf(engine) });

/** The context of a handler behind the middleware. */
interface Resumable {
  readonly idempotency: IdempotencyContext;
}

const order = (body = "{}") => httpApiEvent({ key: "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f", body });
const die = () => Promise.reject(new Error("dies"));

function serve(behaviour: Behaviour, options: Partial<IdempotencyOptions>) {
  return serviceOf(behaviour, { store: store(), clock, service: "pay", ...options } as never);
}

/** Waits until every lease has lapsed, and runs a completer. */
async function complete(call: (event: unknown, context: never) => Promise<unknown>) {
  clock.advance(20 * MINUTE_MS);
  const tools = {
    ...{ client: clientOf(engine), tableName, now: clock.now },
    invoke: async (_name: string, event: string) => {
      await call(JSON.parse(event), CONTEXT as never).catch(() => {});
    },
    ...{ hasTime: () => true, maxAttempts: 10, maxAgeMs: DAY_MS },
    ...{ onError: () => {}, onSetAside: () => {}, onCounts: () => {} },
  };
  await completeAbandoned(tools, { name: "pay", arn: "arn", functionName: "create-payment" });
}

test.each<[string, Behaviour]>([
  ["rejects it", ({ context }) => context.idempotency.reject({ statusCode: 422 })],
  [
    "throws a 422",
    () => {
      throw Object.assign(new Error("no funds"), { statusCode: 422 });
    },
  ],
])(
  "a handler that %s near the end of its invocation is not followed by the completer's payment",
  async (_name, refuse) => {
    let paid = 0;
    const { call } = serve(
      (run) => {
        if (run.count === 1) return refuse(run);
        paid += 1;
        return { statusCode: 201 };
      },
      { profile: ietf({ abandoned: "complete" }) },
    );
    await call(order(), NEAR_THE_END).catch(() => {});
    await complete(call);
    expect(paid).toBe(0);
  },
);

test("the middleware records a refusal of begun work near the end of the invocation", async () => {
  let paid = 0;
  let runs = 0;
  const options = { store: store(), clock, singleTenant: true, service: "pay" } as const;
  const handler = middy()
    .use(idempotency({ ...options, profile: orzcash(), observe: () => {} }))
    .handler(async (_event: unknown, context: unknown) => {
      runs += 1;
      if (runs === 2) return { statusCode: 422, body: "account closed" };
      await (context as Resumable).idempotency.step("pay", () => {
        if (runs === 1) throw new Error("dies");
        paid += 1;
      });
      return { statusCode: 201, body: "" };
    });
  await expect(handler(order() as never, CONTEXT as never)).rejects.toThrow("dies");
  expect(await handler(order() as never, NEAR_THE_END as never)).toMatchObject({ statusCode: 422 });
  await complete(handler as never);
  expect(paid).toBe(0);
});

test("a hook in front that refuses the response of begun work does not deny it", async () => {
  let runs = 0;
  const options = { store: store(), clock, singleTenant: true, service: "pay" } as const;
  const handler = middy()
    .use({
      after: () => {
        if (runs === 1)
          throw Object.assign(new Error("the response is invalid"), { statusCode: 422 });
      },
    })
    .use(idempotency({ ...options, profile: orzcash(), observe: () => {} }))
    .handler(async (_event: unknown, context: unknown) => {
      runs += 1;
      await (context as Resumable).idempotency.step("pay", () => {});
      return { statusCode: runs === 1 ? 503 : 201, body: "" };
    });
  // The work is released, and a completer would finish it after a 422.
  const first = await handler(order() as never, CONTEXT as never);
  expect(first).toMatchObject({ statusCode: 503 });
  await complete(handler as never);
  expect(await handler(order() as never, CONTEXT as never)).toMatchObject({ statusCode: 201 });
});

test.each(["complete", "leave"] as const)(
  "a claim of a route that restarts (abandoned: %s) does not end, once a route that resumes has taken it over",
  async (abandoned) => {
    const keys: string[] = [];
    const pay: Behaviour = ({ context }) => {
      keys.push(context.idempotency.downstreamKey("bank"));
      return die();
    };
    const restart = { interrupted: "restart", abandoned, retention: "never" } as const;
    await serve(pay, { profile: orzcash(restart) })
      .call(order(), CONTEXT)
      .catch(() => {});
    clock.advance(20 * MINUTE_MS);
    const resumed = serve((run) => (run.count === 1 ? die() : { statusCode: 201 }), {
      profile: orzcash({ retention: "never" }),
    });
    await resumed.call(order(), CONTEXT).catch(() => {});
    await complete(resumed.call);
    clock.advance(DAY_MS + MINUTE_MS);
    const other = await resumed.call(order('{"other":1}'), CONTEXT);
    expect(problemOf(other).code).toBe("payload_mismatch");
    await serve(pay, { profile: orzcash(restart) })
      .call(order(), CONTEXT)
      .catch(() => {});
    expect(new Set(keys).size).toBe(1);
  },
);

test("a process that remembers a response of its completer's attempt cannot compare it under another secret", async () => {
  const secretOf = (name: string) => ({
    ids: "the secret of ids, long enough for the layer",
    fingerprints: `the ${name} secret of fingerprints, long enough`,
  });
  const first = serve(
    async ({ context }) => {
      await context.idempotency.step("pay", () => {});
      return die();
    },
    { profile: orzcash(), secret: secretOf("first") },
  );
  await first.call(order(), CONTEXT).catch(() => {});
  const next = serve(
    async ({ context }) => {
      await context.idempotency.step("pay", () => {});
      return { statusCode: 201 };
    },
    { profile: orzcash(), secret: secretOf("next"), cache: {} },
  );
  await complete(next.call);
  expect(problemOf(await next.call(order(), CONTEXT)).code).toBe("request_incomparable");
});
