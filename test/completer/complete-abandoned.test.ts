import { randomUUID } from "node:crypto";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type CompleterTools, completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";
import {
  dfns,
  gluwa,
  type IdempotencyContext,
  ietf,
  orzcash,
  type Profile,
  stripe,
} from "../../lib/index.ts";
import { patiently } from "../../lib/protocol/patience.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { intercept } from "../ledger/intercept.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { injectFaults } from "../support/faults.ts";
import { type Behaviour, problemOf, type Service, serviceOf } from "../support/service.ts";
import { clientOf, createTable, SHARED_TABLE } from "../support/table.ts";

const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };
const NOTHING = { completed: 0, unknown: 0, unfinished: 0 };
const GIVE_UP = { abandoned: "unknown" } as const;
const MINUTE_MS = 60_000;

describe.each(ENGINES)("on %s,", (name) => {
  let engine: Engine;
  let tableName: string;
  let clock: ManualClock;
  let errors: unknown[];

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 30_000);
  beforeEach(async () => {
    tableName = await createTable(clientOf(engine));
    clock = manualClock();
    errors = [];
  });
  afterAll(() => engine.close());

  const serve = (behaviour: Behaviour, profile: Profile, layout: LayoutOptions = {}): Service => {
    const store = dynamoDbStore({ tableName, client: clientOf(engine), ...layout });
    const loadEntity = profile.completed === "entity" ? () => undefined : undefined;
    return serviceOf(behaviour, { store, clock, profile, ...(loadEntity && { loadEntity }) });
  };

  /** Runs the completer; the function is invoked in this process. */
  function complete({ call }: Service, changes: Partial<CompleterTools> = {}) {
    const tools: CompleterTools = {
      client: clientOf(engine),
      tableName,
      now: clock.now,
      invoke: async (_name, event) => void (await call(JSON.parse(event), CONTEXT)),
      hasTime: () => true,
      onError: (error) => errors.push(error),
      ...changes,
    };
    return completeAbandoned(tools, "pay");
  }

  const request = (key: string = randomUUID()) => httpApiEvent({ key });
  const die = () => Promise.reject(new Error("the process dies"));

  test("an abandoned request is completed, and its steps are not repeated", async () => {
    const steps = { a: 0 };
    const service = serve(async ({ count, context: { idempotency } }) => {
      await idempotency.step("a", () => {
        steps.a += 1;
      });
      return count === 1 ? die() : { statusCode: 201, body: "done" };
    }, orzcash());
    const event = request();
    await expect(service.call(event, CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
    expect((await service.call(event, CONTEXT)).body).toBe("done");
    expect(steps).toEqual({ a: 1 });
    expect(await complete(service)).toEqual(NOTHING);
  });

  test.each([
    ["orzcash", orzcash()],
    ["ietf", ietf(GIVE_UP)],
  ])(
    "under %s, a request that was claimed again since it was found is left alone",
    async (_name, profile) => {
      const service = serve(({ count }) => (count === 1 ? die() : new Promise(() => {})), profile);
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      const client = interrupted("GetItem", async () => {
        if (service.runs() > 1) return;
        void service.call(event, CONTEXT);
        while (service.runs() === 1) await new Promise((next) => setImmediate(next));
      });
      expect(await complete(service, { client })).toEqual(NOTHING);
      expect(service.runs()).toBe(2);
    },
  );

  test("an owner is presumed dead at the very end of its lease, and not before", async () => {
    const service = serve(() => new Promise(() => {}), ietf(GIVE_UP));
    void service.call(request(), CONTEXT);
    while (service.runs() === 0) await new Promise((next) => setImmediate(next));
    clock.advance(10_999);
    expect(await complete(service)).toEqual(NOTHING);
    clock.advance(1);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
  });

  test("a request that cannot be finished yet is tried again after 1, 2, 4 … minutes", async () => {
    const service = serve(die, orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    for (const minutes of [1, 2, 4]) {
      expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
      clock.advance(minutes * MINUTE_MS - 1);
      expect(await complete(service)).toEqual(NOTHING);
      clock.advance(1);
    }
    expect(errors).toHaveLength(3);
  });

  test("the pause never grows beyond six hours", async () => {
    const service = serve(die, orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    for (let attempt = 0; attempt < 12; attempt += 1) {
      clock.advance(6 * 60 * MINUTE_MS);
      expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
    }
  });

  test.each<[string, Profile, number, string]>([
    ["orzcash", orzcash({ abandoned: "unknown" }), 409, "outcome_unknown"],
    ["ietf", ietf({ abandoned: "unknown" }), 409, "outcome_unknown"],
  ])(
    "under %s, an outcome that is given up is UNKNOWN, and never executes by itself",
    async (_name, profile, status, code) => {
      const service = serve(die, profile);
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
      const refused = await service.call(event, CONTEXT);
      expect([refused.statusCode, problemOf(refused).code]).toEqual([status, code]);
      expect(refused.headers?.["x-should-retry"]).toBe("false");
      clock.advance(60 * MINUTE_MS);
      expect(await complete(service)).toEqual(NOTHING);
      expect(service.runs()).toBe(1);
    },
  );

  const Idem = "8e03978e-40d5-43e8-bc93-6894a57f9324";
  const GLUWA = { Code: "Conflict", Message: "Transfer already exists." };
  const STRIPE = { error: { type: "idempotency_error", code: "outcome_unknown" } };
  const DFNS = {
    error: { message: "Conflicting transfer with same externalId", details: { duplicate: {} } },
  };
  test.each<[string, Profile, object, object]>([
    ["gluwa", gluwa(), { body: JSON.stringify({ Idem }) }, GLUWA],
    ["stripe", stripe({ abandoned: "unknown" }), { key: Idem }, STRIPE],
    [
      "dfns",
      dfns("transfer", { abandoned: "unknown" }),
      { body: JSON.stringify({ externalId: Idem }) },
      DFNS,
    ],
  ])(
    "under %s, an outcome that is given up answers 409 in its own form",
    async (_name, profile, parts, told) => {
      const service = serve(die, profile);
      const event = httpApiEvent(parts);
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
      const { statusCode, body } = await service.call(event, CONTEXT);
      expect(statusCode).toBe(409);
      expect(JSON.parse(body ?? "")).toMatchObject(told);
      expect(service.runs()).toBe(1);
    },
  );

  test("a request with an event too large to be kept becomes UNKNOWN", async () => {
    const service = serve(die, orzcash());
    // It hardly compresses, and need not: it is measured as it is.
    const event = httpApiEvent({ key: randomUUID(), body: "é".repeat(60_000) });
    await expect(service.call(event, CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
  });

  test("a client that comes back at the same moment and the completer have one effect", async () => {
    const effects = { count: 0 };
    const service = serve(async ({ count, context: { idempotency } }) => {
      if (count === 1) return die();
      await idempotency.step("effect", () => {
        effects.count += 1;
      });
      return { statusCode: 201 };
    }, orzcash());
    const event = request();
    await expect(service.call(event, CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const [counts, answer] = await Promise.all([complete(service), service.call(event, CONTEXT)]);
    expect(effects.count).toBe(1);
    expect([201, 409]).toContain(answer.statusCode);
    expect(counts.unknown).toBe(0);
  });

  /** A client of the completer: something else happens before such a request of it is sent. */
  function interrupted(asked: string, act: () => Promise<unknown>) {
    const client = clientOf(engine);
    intercept(client, async ({ operation }, forward) => {
      if (operation === asked) await act();
      return forward();
    });
    return client;
  }

  test.each(["GetItem", "UpdateItem"])(
    "a request that its client finishes before the completer's %s is not given up",
    async (asked) => {
      const service = serve(
        ({ count }) => (count === 1 ? die() : { statusCode: 201 }),
        ietf(GIVE_UP),
      );
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      const client = interrupted(asked, () => service.call(event, CONTEXT));
      expect(await complete(service, { client })).toEqual(NOTHING);
      expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
      expect(errors).toEqual([]);
    },
  );

  test("a request that could not be given up is counted, and given up the next time", async () => {
    const service = serve(die, ietf(GIVE_UP));
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const client = interrupted("UpdateItem", () => Promise.reject(new Error("no connection")));
    expect(await complete(service, { client })).toEqual({ ...NOTHING, unfinished: 1 });
    expect(errors).toMatchObject([
      { name: "IdempotencyStoreError", cause: { message: "no connection" } },
    ]);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
  });

  test("a record that cannot be read does not keep others from being finished", async () => {
    const service = serve(({ count }) => (count === 1 ? die() : { statusCode: 201 }), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const client = clientOf(engine);
    const broken = { function: { S: "pay" }, due: { N: "1" }, leaseUntil: { N: "1" } };
    const Item = { id: { S: "0" }, state: { S: "CLAIMED" }, owner: { S: "x" }, ...broken };
    const event = { S: "no JSON" };
    await client.send(new PutItemCommand({ TableName: tableName, Item: { ...Item, event } }));
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ completed: 1, unknown: 0, unfinished: 1 });
    expect(errors).toHaveLength(1);
  });

  test("more than one page is worked through, and begins only while there is time", async () => {
    const service = serve(({ count }) => (count <= 25 ? die() : { statusCode: 201 }), orzcash());
    const all = Array.from({ length: 25 }, () => service.call(request(), CONTEXT));
    await Promise.allSettled(all);
    clock.advance(12_000);
    const first = await complete(service, { hasTime: () => false });
    expect(first).toEqual({ ...NOTHING, completed: 10 });
    expect(await complete(service)).toEqual({ ...NOTHING, completed: 15 });
    const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
    expect(Items.filter(({ due, event, attempts }) => due ?? event ?? attempts)).toEqual([]);
  });

  test("on a table of another layout abandoned requests are found, completed and given up", async () => {
    tableName = await createTable(clientOf(engine), SHARED_TABLE);
    const behaviour: Behaviour = ({ count }) => (count === 1 ? die() : { statusCode: 201 });
    const service = serve(behaviour, orzcash(), SHARED_TABLE);
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const givenUp = serve(die, ietf(GIVE_UP), SHARED_TABLE);
    await expect(givenUp.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const counts = await complete(service, { layout: SHARED_TABLE });
    expect(counts).toEqual({ completed: 1, unknown: 1, unfinished: 0 });
    expect(errors).toEqual([]);
  });

  test.each(["Query", "GetItem", "UpdateItem"])(
    "one second in which %s is throttled keeps no outcome from being given up",
    async (asked) => {
      const service = serve(die, ietf(GIVE_UP));
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      const client = clientOf(engine);
      const untilMs = clock.now() + 1_000;
      injectFaults(client, (command) =>
        command === asked && clock.now() < untilMs ? "throttled" : "none",
      );
      const invocation = { remainingMs: () => 100_000 };
      const tools = { clock, randomUUID, leaseMarginMs: 0 };
      const counts = await complete(service, {
        client,
        patiently: (send) => patiently(tools, invocation, send),
      });
      expect(counts).toEqual({ ...NOTHING, unknown: 1 });
      expect(clock.now()).toBeGreaterThanOrEqual(untilMs);
    },
  );

  test("an outcome given up is counted, although DynamoDB's reply was lost", async () => {
    tableName = await createTable(clientOf(engine), SHARED_TABLE);
    const service = serve(die, ietf(GIVE_UP), SHARED_TABLE);
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const client = clientOf(engine, 2);
    const { sent } = injectFaults(client, (command, attempt) => {
      if (command !== "UpdateItem") return "none";
      return attempt === 1 ? "lost-answer" : "none";
    });
    const counts = await complete(service, { client, layout: SHARED_TABLE });
    expect(sent.filter((command) => command === "UpdateItem")).toHaveLength(2);
    expect(counts).toEqual({ ...NOTHING, unknown: 1 });
  });

  test("a postponement is sent again, too", async () => {
    const service = serve(die, orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const client = clientOf(engine);
    let refused = 0;
    injectFaults(client, (command) => {
      if (command !== "UpdateItem" || refused === 3) return "none";
      refused += 1;
      return "throttled";
    });
    const tools = { clock, randomUUID, leaseMarginMs: 0 };
    const invocation = { remainingMs: () => 100_000 };
    await complete(service, { client, patiently: (send) => patiently(tools, invocation, send) });
    const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
    expect(Items).toMatchObject([{ attempts: { N: "1" } }]);
  });

  /** Dies, and is completed with this response of its second execution. @returns the record. */
  async function completedWith(answer: (idempotency: IdempotencyContext) => unknown) {
    const service = serve(
      ({ count, context }) => (count === 1 ? die() : answer(context.idempotency)),
      orzcash(),
    );
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const counts = await complete(service);
    const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
    return { counts, isStillDue: Items[0]?.due !== undefined };
  }

  test("a request that the handler refuses with a response is not tried again", async () => {
    const refused = await completedWith(() => ({ statusCode: 422 }));
    expect(refused).toEqual({ counts: { ...NOTHING, completed: 1 }, isStillDue: false });
  });

  test("a request rejected as not begun stays, because the first execution may have begun it", async () => {
    const rejected = await completedWith(({ reject }) => reject({ statusCode: 422 }));
    expect(rejected).toEqual({ counts: { ...NOTHING, unfinished: 1 }, isStillDue: true });
  });
});
