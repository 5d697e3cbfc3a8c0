import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type AttributeValue,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type CompleterCounts,
  type CompleterTools,
  completeAbandoned,
} from "../../lib/completer/complete-abandoned.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { Item } from "../../lib/dynamodb/item.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";
import {
  dfns,
  gluwa,
  type IdempotencyContext,
  ietf,
  orzcash,
  type Profile,
  stripe,
  type WithIdempotency,
} from "../../lib/index.ts";
import { patiently } from "../../lib/protocol/patience.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { intercept } from "../ledger/intercept.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { injectFaults } from "../support/faults.ts";
import { releasedPackage } from "../support/released.ts";
import { type Behaviour, problemOf, type Service, serviceOf } from "../support/service.ts";
import { clientOf, createTable, SHARED_TABLE } from "../support/table.ts";

const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };
const NOTHING: CompleterCounts = { completed: 0, released: 0, unknown: 0, unfinished: 0, stuck: 0 };
const GIVE_UP = { abandoned: "unknown" } as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(ENGINES)("on %s,", (name) => {
  let engine: Engine;
  let tableName: string;
  let clock: ManualClock;
  let errors: unknown[];
  let setAside: string[];

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 30_000);
  beforeEach(async () => {
    tableName = await createTable(clientOf(engine));
    clock = manualClock();
    errors = [];
    setAside = [];
  });
  afterAll(() => engine.close());

  const serve = (behaviour: Behaviour, profile: Profile, layout: LayoutOptions = {}): Service => {
    const store = dynamoDbStore({ tableName, client: clientOf(engine), ...layout });
    const loadEntity = profile.completed === "entity" ? () => undefined : undefined;
    return serviceOf(behaviour, { store, clock, profile, ...(loadEntity && { loadEntity }) });
  };

  /** Runs the completer; the function is invoked in this process. */
  async function complete({ call }: Service, changes: Partial<CompleterTools> = {}) {
    let counts = NOTHING;
    const tools: CompleterTools = {
      client: clientOf(engine),
      tableName,
      now: clock.now,
      invoke: async (_name, event) => void (await call(JSON.parse(event), CONTEXT)),
      hasTime: () => true,
      maxAttempts: 10,
      maxAgeMs: 24 * HOUR_MS,
      onError: (error) => errors.push(error),
      onSetAside: (as, id) => setAside.push(`${as} ${id}`),
      onCounts: (all) => {
        counts = all;
      },
      ...changes,
    };
    await completeAbandoned(tools, { name: "pay", arn: "arn", functionName: "create-payment" });
    return counts;
  }

  const request = (key: string = randomUUID()) => httpApiEvent({ key });
  const die = () => Promise.reject(new Error("the process dies"));

  /** Dies behind its first step, which has begun its work, as often as is said; then it succeeds. */
  const dieBegun =
    (times = Number.POSITIVE_INFINITY): Behaviour =>
    async ({ count, context: { idempotency } }) => {
      await idempotency.step("begin", () => {});
      return count <= times ? die() : { statusCode: 201 };
    };

  /** A tool that counts invocations in place of making them. */
  function countingInvoke() {
    let invocations = 0;
    const invoke = async () => {
      invocations += 1;
    };
    return { invoke, count: () => invocations };
  }

  /** The records of the table, in no order. */
  async function records() {
    const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
    return Items;
  }

  /** Changes every record of the table, and returns the changed ones. */
  async function change(attributes: (item: Item) => object): Promise<Item[]> {
    const client = clientOf(engine);
    const changed = (await records()).map((item) => {
      const Item = { ...item, ...attributes(item) };
      return Object.fromEntries(Object.entries(Item).filter(([, value]) => value !== undefined));
    }) as Item[];
    for (const Item of changed)
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    return changed;
  }

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

  test("claims of version 1 are found by the name of the Lambda function, those of today by the service", async () => {
    const service = serve(dieBegun(20), orzcash());
    for (let left = 20; left > 0; left -= 1) {
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    }
    const partitions = new Set((await records()).map((item) => item.function?.S));
    expect([...partitions].every((one) => /^pay#[0-7]$/.test(one ?? ""))).toBe(true);
    expect(partitions.size).toBeGreaterThan(1);
    let changed = 0;
    await change((item) => {
      changed += 1;
      return { function: changed <= 5 ? { S: "create-payment" } : item.function };
    });
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, completed: 20 });
  });

  test.each([
    ["orzcash", orzcash()],
    ["ietf", ietf(GIVE_UP)],
  ])(
    "under %s, a request that was claimed again since it was found is left alone",
    async (_name, profile) => {
      const service = serve(async ({ count, context: { idempotency } }) => {
        if (profile.interrupted === "resume") await idempotency.step("begin", () => {});
        return count === 1 ? die() : new Promise(() => {});
      }, profile);
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

  describe("a client that comes back to a claim that was due", () => {
    const advice = (service: Service) =>
      service.observed.map((one) => Object(one).code).filter((code) => code === "no_completer");

    test("for an hour, and that no completer has looked at, lets the operator be told once", async () => {
      const service = serve(dieBegun(2), orzcash());
      const events = [request(), request()];
      for (const event of events) await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(11_000 + HOUR_MS);
      for (const event of events) {
        expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
      }
      expect(advice(service)).toEqual(["no_completer"]);
    });

    test("for less lets nothing be told", async () => {
      const service = serve(dieBegun(1), orzcash());
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(11_000 + HOUR_MS - 1);
      await service.call(event, CONTEXT);
      expect(advice(service)).toEqual([]);
    });

    test.each<[string, Profile, Behaviour]>([
      ["is stuck", orzcash(), dieBegun(2)],
      ["was released", orzcash(), ({ count }) => (count === 1 ? die() : { statusCode: 201 })],
      ["has no completer", orzcash({ abandoned: "leave" }), dieBegun(1)],
    ])("and that %s lets nothing be told", async (_name, profile, behaviour) => {
      const service = serve(behaviour, profile);
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(2 * HOUR_MS);
      await complete(service, { maxAttempts: 1 });
      clock.advance(2 * HOUR_MS);
      await complete(service, { maxAttempts: 1 });
      expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
      expect(advice(service)).toEqual([]);
    });

    test("lets nothing be told by the completer's own attempt", async () => {
      const service = serve(dieBegun(1), orzcash());
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      clock.advance(2 * HOUR_MS);
      expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
      expect(advice(service)).toEqual([]);
    });
  });

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
    const service = serve(dieBegun(), orzcash());
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
    const service = serve(dieBegun(), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const endless = { maxAttempts: 100, maxAgeMs: 1_000 * HOUR_MS };
    for (let attempt = 0; attempt < 12; attempt += 1) {
      clock.advance(6 * HOUR_MS);
      expect(await complete(service, endless)).toEqual({ ...NOTHING, unfinished: 1 });
    }
  });

  test.each<[string, Profile, number, string]>([
    ["orzcash", orzcash({ abandoned: "unknown" }), 409, "outcome_unknown"],
    ["ietf", ietf({ abandoned: "unknown" }), 409, "outcome_unknown"],
  ])(
    "under %s, an outcome that is given up is UNKNOWN, and never executes by itself",
    async (_name, profile, status, code) => {
      const service = serve(profile.interrupted === "resume" ? dieBegun() : die, profile);
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
      const refused = await service.call(event, CONTEXT);
      expect([refused.statusCode, problemOf(refused).code]).toEqual([status, code]);
      expect(refused.headers?.["x-should-retry"]).toBe("false");
      const [{ id, function: partition } = {}] = await records();
      expect([setAside, partition?.S]).toEqual([[`unknown ${id?.S}`], "pay#unknown"]);
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

  const tooLarge = (key: string = randomUUID()) =>
    // It hardly compresses, and need not: it is measured as it is.
    httpApiEvent({ key, body: JSON.stringify({ Idem: key, text: "é".repeat(60_000) }) });

  test("a request with an event too large to be kept is stuck, because its client can still resume it", async () => {
    const service = serve(dieBegun(1), orzcash());
    const event = tooLarge();
    await expect(service.call(event, CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, stuck: 1 });
    expect(service.runs()).toBe(1);
    expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
    expect(await complete(service)).toEqual(NOTHING);
  });

  test("a request with an event too large to be kept becomes UNKNOWN where no client can resume it", async () => {
    const service = serve(die, gluwa({ abandoned: "complete" }));
    await expect(service.call(tooLarge(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
  });

  test("UNKNOWN keeps the evidence: steps, start, event, claims and attempts", async () => {
    const service = serve(dieBegun(), orzcash({ abandoned: "unknown" }));
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const [before = {}] = await change(() => ({ event: { S: "{}" }, attempts: { N: "3" } }));
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
    const { leaseUntil: _, ...evidence } = before;
    expect(await records()).toEqual([
      {
        ...evidence,
        state: { S: "UNKNOWN" },
        function: { S: "pay#unknown" },
        due: { N: String(clock.now()) },
      },
    ]);
  });

  test("a request after the end of an UNKNOWN record starts from nothing of it", async () => {
    const service = serve(die, ietf(GIVE_UP));
    const event = request();
    await expect(service.call(event, CONTEXT)).rejects.toThrow();
    await change(() => ({
      attempts: { N: "3" },
      event: { S: "{}" },
      steps: { L: [{ M: { name: { S: "begin" } } }] },
    }));
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
    clock.advance(25 * HOUR_MS);
    void serve(() => new Promise(() => {}), ietf()).call(event, CONTEXT);
    let [record = {}] = await records();
    while (record.state?.S !== "CLAIMED") [record = {}] = await records();
    const left = ["attempts", "event", "steps", "function", "due", "interrupted", "abandoned"];
    expect(left.filter((name) => name in record)).toEqual([]);
    expect(record.claims).toEqual({ N: "1" });
  });

  test("a request without a key is never executed by the completer: once begun, its outcome is UNKNOWN", async () => {
    const service = serve(dieBegun(), orzcash());
    await expect(service.call(httpApiEvent(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, unknown: 1 });
    expect(service.runs()).toBe(1);
  });

  describe("a claim of version 2 under which nothing has begun", () => {
    /** Abandons a request, and lets its record be of version 2. */
    async function abandon(service: Service, event = request(), attributes: object = {}) {
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(12_000);
      const [record = {}] = await change(() => ({ version: { N: "2" }, ...attributes }));
      return record;
    }

    test.each([
      ["with a key", orzcash(), request()],
      ["without a key", orzcash(), httpApiEvent()],
      ["with an event too large to be kept", orzcash(), tooLarge()],
      ["if abandoned requests are given up", orzcash({ abandoned: "unknown" }), request()],
    ])("is released %s, ends after a day, and is not begun", async (_name, profile, event) => {
      const service = serve(die, profile);
      const before = await abandon(service, event);
      expect(await complete(service)).toEqual({ ...NOTHING, released: 1 });
      const endsAt = Math.ceil(clock.now() / 1000) + 24 * 60 * 60;
      const { event: _, function: __, due: ___, ...kept } = before;
      const { interrupted: ____, abandoned: _____, ...rest } = kept;
      expect(await records()).toEqual([
        {
          ...rest,
          owner: { S: "the completer" },
          fence: { N: String(Number(before.fence?.N) + 1) },
          leaseUntil: { N: "0" },
          endsAt: { N: String(endsAt) },
          expiresAt: { N: String(endsAt + 3600) },
        },
      ]);
      expect(service.runs()).toBe(1);
      expect(await complete(service)).toEqual(NOTHING);
    });

    test.each<[string, object]>([
      ["mark", { begun: { N: "1" } }],
      ["step", { steps: { L: [{ M: { name: { S: "begin" } } }] } }],
    ])("is not released if its %s comes before the release", async (_name, begun) => {
      const service = serve(die, orzcash());
      await abandon(service);
      const client = interrupted("UpdateItem", () => change(() => begun));
      expect(await complete(service, { client })).toEqual(NOTHING);
      expect(await records()).toMatchObject([begun]);
      expect((await records())[0]?.expiresAt).toBeUndefined();
    });

    test("is lost to its slow owner once it is released: its first step does not run", async () => {
      const slow = Promise.withResolvers<void>();
      let steps = 0;
      const service = serve(async ({ count, context: { idempotency } }) => {
        if (count === 1) await slow.promise;
        await idempotency.step("begin", () => {
          steps += 1;
        });
        return { statusCode: 201 };
      }, orzcash());
      const event = request();
      const late = service.call(event, CONTEXT);
      while (service.runs() === 0) await new Promise((next) => setImmediate(next));
      clock.advance(12_000);
      expect(await complete(service)).toEqual({ ...NOTHING, released: 1 });
      slow.resolve();
      expect(problemOf(await late).code).toBe("claim_lost");
      expect(steps).toBe(0);
      expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
      expect(steps).toBe(1);
    });

    test("is not released if its owner was only slow, and has ended it", async () => {
      const service = serve(die, orzcash());
      await abandon(service);
      const client = interrupted("UpdateItem", () => change(() => ({ state: { S: "COMPLETED" } })));
      expect(await complete(service, { client })).toEqual(NOTHING);
      expect(await records()).toMatchObject([{ state: { S: "COMPLETED" } }]);
    });

    test("is not released if another claim of it was found", async () => {
      const service = serve(die, orzcash());
      await abandon(service);
      const client = interrupted("UpdateItem", () => change(() => ({ fence: { N: "1" } })));
      expect(await complete(service, { client })).toEqual(NOTHING);
    });

    test("is released and counted, although DynamoDB's reply was lost", async () => {
      const service = serve(die, orzcash());
      await abandon(service);
      const client = clientOf(engine, 2);
      injectFaults(client, (command, attempt) =>
        command === "UpdateItem" && attempt === 1 ? "lost-answer" : "none",
      );
      expect(await complete(service, { client })).toEqual({ ...NOTHING, released: 1 });
    });

    test("is finished if a mark says that it has begun", async () => {
      const service = serve(({ count }) => (count === 1 ? die() : { statusCode: 201 }), orzcash());
      await abandon(service, request(), { begun: { N: "1" } });
      const { invoke, count } = countingInvoke();
      expect(await complete(service, { invoke })).toEqual({ ...NOTHING, unfinished: 1 });
      expect(count()).toBe(1);
    });
  });

  test("a claim of version 1 without a step is finished, because version 1 had no mark", async () => {
    const service = serve(({ count }) => (count === 1 ? die() : { statusCode: 201 }), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    await change(() => ({
      version: { N: "1" },
      interrupted: undefined,
      abandoned: undefined,
      function: { S: "create-payment" },
    }));
    expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
  });

  describe("past the bounds of attempts and age", () => {
    const stuck = { ...NOTHING, stuck: 1 };

    test("a request is not tried any more, is listed and counted on every run, and logged once", async () => {
      const service = serve(dieBegun(), orzcash());
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      await change(() => ({ attempts: { N: "8" } }));
      clock.advance(12_000);
      for (const _ of ["ninth", "tenth"]) {
        expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
        clock.advance(6 * HOUR_MS);
      }
      for (const _ of ["marked", "counted", "counted again"]) {
        expect(await complete(service)).toEqual(stuck);
        clock.advance(MINUTE_MS);
      }
      const [{ id, function: partition, state } = {}] = await records();
      expect([partition?.S, state?.S]).toEqual(["pay#stuck", "CLAIMED"]);
      expect(setAside).toEqual([`stuck ${id?.S}`]);
      expect(service.runs()).toBe(3);
    });

    test("the last attempt is followed by the mark at once, not by a pause", async () => {
      const service = serve(dieBegun(), orzcash());
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      await change(() => ({ attempts: { N: "9" } }));
      clock.advance(12_000);
      expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
      clock.advance(12_000);
      expect(await complete(service)).toEqual(stuck);
    });

    test("a request of a day is marked without another attempt, one of a second less is not", async () => {
      const service = serve(dieBegun(), orzcash());
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      clock.advance(24 * HOUR_MS - 1);
      expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
      clock.advance(MINUTE_MS + 12_000);
      expect(await complete(service)).toEqual(stuck);
      expect(service.runs()).toBe(2);
    });

    test("its client still resumes it, and it is not counted then", async () => {
      const service = serve(dieBegun(1), orzcash());
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(25 * HOUR_MS);
      expect(await complete(service)).toEqual(stuck);
      expect((await service.call(event, CONTEXT)).statusCode).toBe(201);
      expect(await complete(service)).toEqual(NOTHING);
    });

    test("a client that dies too leaves it to be marked again: attempts never start from 0", async () => {
      const service = serve(dieBegun(), orzcash());
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      await change(() => ({ attempts: { N: "10" } }));
      clock.advance(12_000);
      expect(await complete(service)).toEqual(stuck);
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      expect(await complete(service)).toEqual(NOTHING);
      clock.advance(12_000);
      expect(await complete(service)).toEqual(stuck);
      expect(setAside).toHaveLength(2);
      expect(service.runs()).toBe(2);
    });

    test("a request that its client claims at the same moment is not marked", async () => {
      const service = serve(async ({ count, context: { idempotency } }) => {
        await idempotency.step("begin", () => {});
        return count === 1 ? die() : new Promise(() => {});
      }, orzcash());
      const event = request();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      clock.advance(25 * HOUR_MS);
      const client = interrupted("UpdateItem", async () => {
        void service.call(event, CONTEXT);
        while (service.runs() === 1) await new Promise((next) => setImmediate(next));
      });
      expect(await complete(service, { client })).toEqual(NOTHING);
      expect(setAside).toEqual([]);
    });

    test("ten attempts are made, over some nine hours", async () => {
      const service = serve(dieBegun(), orzcash());
      await expect(service.call(request(), CONTEXT)).rejects.toThrow();
      const startMs = clock.now();
      let attempts = -1;
      do {
        attempts += 1;
        const [{ due } = {}] = await records();
        clock.advance(Number(due?.N) - clock.now());
      } while ((await complete(service)).unfinished === 1);
      expect(attempts).toBe(10);
      expect((clock.now() - startMs) / HOUR_MS).toBeCloseTo(8.5, 0);
    });
  });

  test("an outcome that was given up is counted, although the rest could not be listed", async () => {
    const service = serve(die, ietf(GIVE_UP));
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const client = interrupted("Query", async () => {
      const [{ state } = {}] = await records();
      if (state?.S === "UNKNOWN") throw new Error("no connection");
    });
    const seen: CompleterCounts[] = [];
    const onCounts = (counts: CompleterCounts) => void seen.push(counts);
    await expect(complete(service, { client, onCounts })).rejects.toThrow();
    expect(seen).toEqual([{ ...NOTHING, unknown: 1 }]);
  });

  test("an attempt that the completer does not survive counts as well", async () => {
    const service = serve(dieBegun(), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const seen: unknown[] = [];
    const invoke = async () => {
      const [{ attempts, due } = {}] = await records();
      seen.push(attempts?.N, due?.N);
    };
    await complete(service, { invoke });
    expect(seen).toEqual(["1", String(clock.now() + MINUTE_MS)]);
  });

  test("of two completers that find the same request, one invokes its function", async () => {
    const service = serve(dieBegun(), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const { invoke, count } = countingInvoke();
    const client = interrupted("UpdateItem", async () => {
      if (count() === 0) await complete(service, { invoke });
    });
    clock.advance(1);
    expect(await complete(service, { client, invoke })).toEqual(NOTHING);
    expect(count()).toBe(1);
  });

  test("a client that comes back at the same moment and the completer have one effect", async () => {
    const effects = { count: 0 };
    const service = serve(async ({ count, context: { idempotency } }) => {
      await idempotency.step("begin", () => {});
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
    const service = serve(dieBegun(1), orzcash());
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const client = clientOf(engine);
    const broken = { function: { S: "pay#0" }, due: { N: "1" }, leaseUntil: { N: "1" } };
    const Item = { id: { S: "0" }, state: { S: "CLAIMED" }, owner: { S: "x" }, ...broken };
    const event = { S: "no JSON" };
    await client.send(new PutItemCommand({ TableName: tableName, Item: { ...Item, event } }));
    clock.advance(12_000);
    expect(await complete(service)).toEqual({ ...NOTHING, completed: 1, unfinished: 1 });
    expect(errors).toHaveLength(1);
  });

  test("more than one page is worked through, and begins only while there is time", async () => {
    const service = serve(dieBegun(25), orzcash());
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
    const service = serve(dieBegun(1), orzcash(), SHARED_TABLE);
    await expect(service.call(request(), CONTEXT)).rejects.toThrow();
    const givenUp = serve(die, ietf(GIVE_UP), SHARED_TABLE);
    await expect(givenUp.call(request(), CONTEXT)).rejects.toThrow();
    clock.advance(12_000);
    const counts = await complete(service, { layout: SHARED_TABLE });
    expect(counts).toEqual({ ...NOTHING, completed: 1, unknown: 1 });
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
        patiently: (send) => patiently({ tools, ...invocation }, send),
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
    const service = serve(dieBegun(), orzcash());
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
    await complete(service, {
      client,
      patiently: (send) => patiently({ tools, ...invocation }, send),
    });
    const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
    expect(Items).toMatchObject([{ attempts: { N: "1" } }]);
  });

  /** Dies, and is completed with this response of its second execution. @returns the record. */
  async function completedWith(answer: (idempotency: IdempotencyContext) => unknown) {
    const service = serve(async ({ count, context: { idempotency } }) => {
      await idempotency.step("begin", () => {});
      return count === 1 ? die() : answer(idempotency);
    }, orzcash());
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

  test("a request rejected as not begun, although a step has run, stays", async () => {
    const rejected = await completedWith(({ reject }) => reject({ statusCode: 422 }));
    expect(rejected).toEqual({ counts: { ...NOTHING, unfinished: 1 }, isStillDue: true });
    expect(errors).toMatchObject([{ name: "IdempotencyStepError" }]);
  });

  describe("the kept event", () => {
    const tenantOf = (event: unknown) =>
      (event as ReturnType<typeof authorized>).requestContext.authorizer.jwt.claims.sub;

    function authorized(key: string = randomUUID()) {
      const event = httpApiEvent({ key, query: "token=secret", headers: { "x-card": "secret" } });
      const authorizer = { jwt: { claims: { sub: "alice", email: "secret" } } };
      return { ...event, requestContext: { ...event.requestContext, authorizer } };
    }

    const told: Behaviour = async ({ count, context: { idempotency } }) => {
      const run = await idempotency.step("a", () => count);
      return count === 1
        ? die()
        : { statusCode: 201, body: `${idempotency.tenant}, step of run ${run}` };
    };

    const serveTenants = (secret?: string): Service =>
      serviceOf(told, {
        store: dynamoDbStore({ tableName, client: clientOf(engine) }),
        clock,
        profile: orzcash({ fingerprint: { method: true, path: true, query: true, body: true } }),
        tenant: tenantOf,
        singleTenant: undefined,
        ...(secret && { secret }),
      } as object);

    async function readItem() {
      const { Items = [] } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
      return Items[0] ?? {};
    }

    /** Changes one attribute of a record, as a writer to the table would. */
    const plant = (name: string, value: AttributeValue, { id } = { id: { S: "" } }) =>
      clientOf(engine).send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: { id },
          UpdateExpression: "SET #name = :value",
          ExpressionAttributeNames: { "#name": name },
          ExpressionAttributeValues: { ":value": value },
        }),
      );

    test.each([undefined, "pepper"])(
      "finishes a request with its tenant and without its query, under the secret %s",
      async (secret) => {
        const service = serveTenants(secret);
        const event = authorized();
        await expect(service.call(event, CONTEXT)).rejects.toThrow();
        expect((await readItem()).event?.S).toContain("amountMinor");
        expect(JSON.stringify(await readItem())).not.toContain("secret");
        clock.advance(12_000);
        expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
        expect((await service.call(event, CONTEXT)).body).toBe("alice, step of run 1");
        expect((await readItem()).event).toBeUndefined();
      },
    );

    test("that was planted is not executed, and the record stays until it has its own again", async () => {
      const service = serveTenants("pepper");
      const event = authorized();
      await expect(service.call(event, CONTEXT)).rejects.toThrow();
      const record = await readItem();
      const kept = JSON.parse(record.event?.S ?? "");
      const body = '{"amountMinor":1}';
      for (const planted of [
        { ...kept, event: { ...kept.event, body } },
        { ...kept, tenant: "mallory" },
        { ...authorized(), body },
      ]) {
        clock.advance(60 * MINUTE_MS);
        await plant("event", { S: JSON.stringify(planted) }, record as never);
        expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
        const { due: _, attempts: __, event: ___, ...left } = await readItem();
        expect(record).toMatchObject(left);
      }
      expect(service.runs()).toBe(1);
      await plant("event", record.event ?? { S: "" }, record as never);
      clock.advance(60 * MINUTE_MS);
      expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
    });

    test.each([undefined, "pepper"])(
      "of version 0.1.0 is finished with its tenant, under the secret %s",
      async (secret) => {
        const released = releasedPackage("0.1.0");
        const load = (file: string) => import(pathToFileURL(join(released, "dist", file)).href);
        const [old, { dynamoDbStore: oldStore }] = await Promise.all([
          load("index.js") as Promise<typeof import("../../lib/index.ts")>,
          load("dynamodb/index.js") as Promise<typeof import("../../lib/dynamodb/index.ts")>,
        ]);
        const store = oldStore({ tableName, client: clientOf(engine) });
        const options = { store, clock, service: "pay", observe: () => {} };
        const fingerprint = { method: true, path: true, query: true, body: true };
        const profile = old.orzcash({ fingerprint });
        const oldHandler = old.idempotent(
          async (_event: unknown, { idempotency }: WithIdempotency<object>) => {
            await idempotency.step("a", () => "0.1.0");
            return die();
          },
          { ...options, profile, tenant: tenantOf, ...(secret && { secret }) },
        );
        const event = authorized();
        const context = { ...CONTEXT, functionName: "create-payment" };
        await expect(oldHandler(event, context)).rejects.toThrow();
        expect(JSON.parse((await readItem()).event?.S ?? "")).not.toHaveProperty("format");
        const service = serveTenants(secret);
        clock.advance(12_000);
        // The first run dies.
        expect(await complete(service)).toEqual({ ...NOTHING, unfinished: 1 });
        expect(JSON.parse((await readItem()).event?.S ?? "")).toMatchObject({ tenant: "alice" });
        clock.advance(MINUTE_MS);
        expect(await complete(service)).toEqual({ ...NOTHING, completed: 1 });
        expect((await service.call(event, CONTEXT)).body).toBe("alice, step of run 0.1.0");
      },
    );
  });
});
