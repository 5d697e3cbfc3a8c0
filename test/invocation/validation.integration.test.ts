import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyOptions, ietf, orzcash, type Profile } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Fault, injectFaults } from "../support/faults.ts";
import { type Behaviour, createTransfer, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const order = httpApiEvent({ key: KEY, body: '{"amount":1}' });
const other = httpApiEvent({ key: KEY, body: '{"amount":2}' });
const INVALID = { statusCode: 422, body: "the amount is too small" };

interface Parts {
  readonly claimAt?: "start" | "commit";
  readonly profile?: Profile;
  readonly behaviour?: Behaviour;
}

describe.each(ENGINES)("on %s,", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 30_000);
  afterAll(() => engine.close());

  /** A service with rules that may change between two requests, on a table of its own. */
  async function openService({ claimAt = "start", behaviour = createTransfer, profile }: Parts) {
    const client = clientOf(engine);
    let decide: () => Fault = () => "none";
    const { sent } = injectFaults(client, () => decide());
    const tableName = await createTable(clientOf(engine));
    const store = dynamoDbStore({ tableName, client });
    let rule: IdempotencyOptions["validate"];
    const service = serviceOf(behaviour, {
      store,
      claimAt,
      profile: profile ?? ietf(),
      validate: (event: unknown) => rule?.(event),
    } as never);
    return {
      ...service,
      store,
      sent,
      tighten: (next: IdempotencyOptions["validate"] = () => INVALID) => {
        rule = next;
        sent.length = 0;
      },
      disturb: (fault: Fault) => {
        decide = () => fault;
      },
      scan: async () =>
        (await clientOf(engine).send(new ScanCommand({ TableName: tableName }))).Items,
    };
  }

  describe.each(["start", "commit"] as const)("with claimAt %s,", (claimAt) => {
    test("a refused request leaves its key to another payload", async () => {
      const { call, tighten, sent, scan, runs } = await openService({ claimAt });
      tighten();
      expect(await call(order)).toEqual(INVALID);
      // With claimAt "commit", an attempt from before may be on its way, and must find the refusal.
      const isRecorded = claimAt === "commit";
      expect(sent).toEqual(isRecorded ? ["GetItem", "UpdateItem"] : ["GetItem"]);
      expect(await scan()).toMatchObject(isRecorded ? [{ state: { S: "FREED" } }] : []);
      tighten(() => undefined);
      expect((await call(other)).statusCode).toBe(201);
      tighten();
      expect(problemOf(await call(order)).code).toBe("payload_mismatch");
      expect(runs()).toBe(1);
    });

    test("a 401 leaves no record, because its client comes again with other credentials", async () => {
      const { call, tighten, scan } = await openService({ claimAt });
      tighten(() => ({ statusCode: 401 }));
      expect((await call(order)).statusCode).toBe(401);
      expect(await scan()).toEqual([]);
      tighten(() => undefined);
      expect((await call(order)).statusCode).toBe(201);
    });

    test("a completed transfer is replayed by one read, although it would be refused now", async () => {
      const { call, tighten, sent, runs } = await openService({ claimAt });
      await call(order);
      tighten();
      expect((await call(order)).headers).toEqual({
        location: "/transfers/1",
        "Idempotent-Replayed": "true",
      });
      expect(sent).toEqual(["GetItem"]);
      expect(runs()).toBe(1);
    });

    test("an invalid request gets 503 while DynamoDB does not reply", async () => {
      const { call, tighten, disturb, runs } = await openService({ claimAt });
      tighten();
      disturb("lost-answer");
      expect(problemOf(await call(order)).code).toBe("store_unavailable");
      expect(runs()).toBe(0);
    });
  });

  test("interrupted work is taken over by a claim, and resumes after its last step", async () => {
    const steps: number[] = [];
    const { call, tighten, clock, sent } = await openService({
      profile: orzcash(),
      behaviour: async ({ count, context }) => {
        await context.idempotency.step("bank", () => steps.push(count));
        return count === 1 ? new Promise(() => {}) : { statusCode: 201, body: `run ${count}` };
      },
    });
    void call(order);
    while (sent.length < 3) await new Promise(setImmediate);
    clock.advance(60_000);
    tighten();
    expect(await call(order)).toEqual({ statusCode: 201, body: "run 2" });
    expect(sent).toEqual(["GetItem", "UpdateItem", "UpdateItem"]);
    expect(steps).toEqual([1]);
  });

  test("interrupted work is claimed before the handler, also by a route that claims at the commit", async () => {
    const started = await openService({ behaviour: () => ({ statusCode: 503 }) });
    await started.call(order);
    const { call, runs } = serviceOf(createTransfer, {
      store: started.store,
      clock: started.clock,
      claimAt: "commit",
      validate: () => INVALID,
    });
    started.sent.length = 0;
    expect((await call(order)).statusCode).toBe(201);
    expect(started.sent).toEqual(["GetItem", "UpdateItem", "UpdateItem"]);
    expect(problemOf(await call(other)).code).toBe("payload_mismatch");
    expect(runs()).toBe(1);
  });

  test("a key that was freed after the read is not bound by an invalid request", async () => {
    const { call, tighten, store, clock, runs, observed, scan } = await openService({
      behaviour: ({ count }) => ({ statusCode: count === 1 ? 503 : 201 }),
    });
    await call(order);
    const read = await store.read(
      observed.map((one) => "recordId" in one && one.recordId)[0] as string,
    );
    if (read?.state !== "CLAIMED") throw new Error("expected a claim");
    const claim = {
      id: read.id,
      fingerprint: read.fingerprint,
      owner: "another",
      nowMs: clock.now(),
      leaseUntilMs: clock.now() + 1_000,
      expiresAtSeconds: undefined,
      takeover: "restart",
    } as const;
    const staleStore = {
      ...store,
      read: async (id: string) => {
        const found = await store.read(id);
        const { record } = await store.claim(claim);
        if (record === undefined) throw new Error("The claim was refused.");
        const { owner, fence } = record;
        await store.free({ id: record.id, owner, fence, claims: 2, expiresAtSeconds: 1 });
        return found;
      },
    };
    tighten();
    const late = serviceOf(createTransfer, { store: staleStore, clock, validate: () => INVALID });
    expect(problemOf(await late.call(order)).code).toBe("request_in_flight");
    expect((await scan())?.[0]?.owner).toEqual({ S: "another" });
    expect([runs(), late.runs()]).toEqual([1, 0]);
  });
});
