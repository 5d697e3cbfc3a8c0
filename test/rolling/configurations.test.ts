import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { completionEvent } from "../../lib/http/surface/completion-event.ts";
import type { IdempotencyOptions } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { problemOf, type TestContext } from "../support/service.ts";
import { clientOf } from "../support/table.ts";
import { type Deployments, openDeployments, type Work } from "./deployments.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import type { Package, Version } from "./versions.ts";

/*
 * A function is deployed with another configuration, or another version, while its requests are under
 * way: two configurations serve one table.
 */

let engine: Engine;
let world: Deployments;
let ledger: Ledger;
beforeAll(async () => {
  engine = await startEngine();
  world = await openDeployments(engine);
  ledger = await openLedger(clientOf(engine));
}, 30_000);
afterAll(() => engine.close());

const MINUTE_MS = 60_000;
const CREATED = { statusCode: 201, body: '{"paid":10}' };

let serial = 0;
/** A key that no other test has. */
function newKey(): string {
  serial += 1;
  return `5f6c3d1e-2b7a-4f0e-9c4d-${String(serial).padStart(12, "0")}`;
}
const request = (key: string, more: object = {}) => httpApiEvent({ key, body: "{}", ...more });

interface Configuration {
  readonly options: (released: Package) => Partial<IdempotencyOptions<unknown, TestContext>>;
  /** Whether its handler pays in a recorded step, and not in the commit of its response. */
  readonly paysInStep?: boolean;
  readonly claimsAtCommit?: boolean;
  /** Whether an interrupted request is never taken over. */
  readonly refuses?: boolean;
}

/** What is compared is the same in all of them, so that each meets the records of the others. */
const fingerprint = { method: true, path: true, query: true, body: true };

const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  "ietf()": { options: () => ({}) },
  "ietf() at the commit": { options: () => ({ claimAt: "commit" }), claimsAtCommit: true },
  "orzcash() in steps": {
    options: ({ orzcash }) => ({ profile: orzcash({ fingerprint }) }),
    paysInStep: true,
  },
  "orzcash() at the commit": {
    options: ({ orzcash }) => ({ profile: orzcash({ fingerprint }), claimAt: "commit" }),
    claimsAtCommit: true,
  },
  "orzcash() that restarts": {
    options: ({ orzcash }) => ({
      profile: orzcash({ fingerprint, interrupted: "restart", abandoned: "leave" }),
    }),
  },
  "ietf() that refuses": {
    options: ({ ietf }) => ({ profile: ietf({ interrupted: "refuse", retention: "never" }) }),
    refuses: true,
  },
};

type Fate = "dies before its payment" | "dies after its payment" | "completes";

function worker(key: string, { paysInStep = false }: Configuration, fate: Fate): Work {
  return async ({ context: { idempotency }, kill }) => {
    if (fate === "dies before its payment") kill();
    const payment = { id: key, atMs: world.clock.now() };
    const writes = ledger.pay(key, payment);
    if (paysInStep) await idempotency.step("pay", ({ commit }) => commit(writes, "paid"));
    const response = paysInStep ? CREATED : await idempotency.commit(writes, CREATED);
    if (fate === "dies after its payment") kill();
    return response;
  };
}

const PAIRS = Object.keys(CONFIGURATIONS).flatMap((first) =>
  Object.keys(CONFIGURATIONS).map((second) => [first, second] as const),
);

const ORDERS: readonly (readonly [string, Version, Version])[] = [
  ["two functions of the present version", "new", "new"],
  ["0.1.0, and then the present version", "old", "new"],
];

describe.each(ORDERS)("%s", (_name, firstVersion, secondVersion) => {
  test.each(PAIRS)("%s, and then %s: one payment", async (firstName, secondName) => {
    const first = CONFIGURATIONS[firstName] as Configuration;
    const second = CONFIGURATIONS[secondName] as Configuration;
    for (const fate of [
      "dies before its payment",
      "dies after its payment",
      "completes",
    ] as const) {
      const key = newKey();
      await world.deploy(firstVersion, worker(key, first, fate), first.options).call(request(key));
      const paid = (await ledger.payments(key)).length;
      expect(paid).toBe(fate === "dies before its payment" ? 0 : 1);
      const next = world.deploy(secondVersion, worker(key, second, "completes"), second.options);
      const back = world.deploy("new", worker(key, first, "completes"), first.options);
      const codes = [(await next.call(request(key))).statusCode];
      world.clock.advance(MINUTE_MS);
      for (const { call } of [next, back, next]) codes.push((await call(request(key))).statusCode);
      const payments = (await ledger.payments(key)).length;
      const told = codes.includes(201);
      expect({ fate, codes, payments }).toEqual({ fate, codes, payments: told || paid ? 1 : 0 });
    }
  });
});

describe("the present version, and then 0.1.0", () => {
  test.each(PAIRS)("%s, and then %s: one payment", async (firstName, secondName) => {
    const first = CONFIGURATIONS[firstName] as Configuration;
    const second = CONFIGURATIONS[secondName] as Configuration;
    const key = newKey();
    const fate = first.paysInStep ? "dies after its payment" : "dies before its payment";
    await world.deploy("new", worker(key, first, fate), first.options).call(request(key));
    const old = world.deploy("old", worker(key, second, "completes"), second.options);
    const { statusCode } = await old.call(request(key));
    // A claim that comes with the commit has left no record.
    expect(statusCode).toBe(first.claimsAtCommit ? 201 : 500);
    world.clock.advance(MINUTE_MS);
    const back = world.deploy("new", worker(key, first, "completes"), first.options);
    expect((await back.call(request(key))).statusCode).toBe(first.refuses ? 409 : 201);
    expect((await ledger.payments(key)).length).toBe(first.refuses ? 0 : 1);
  });
});

test("a rule that compares other members refuses the repeats of a claim, and executes none", async () => {
  const key = newKey();
  const ietf: Configuration = { options: () => ({}) };
  const other: Configuration = {
    options: (released) => ({
      profile: released.ietf({ fingerprint: { ...fingerprint, body: false } }),
    }),
  };
  for (const version of ["old", "new"] as const) {
    await world
      .deploy(version, worker(key, ietf, "dies before its payment"), ietf.options)
      .call(request(key));
    world.clock.advance(MINUTE_MS);
  }
  const deployed = world.deploy("new", worker(key, other, "completes"), other.options);
  expect(problemOf(await deployed.call(request(key))).code).toBe("request_incomparable");
  expect(deployed.runs()).toBe(0);
  const back = world.deploy("new", worker(key, ietf, "completes"), ietf.options);
  expect(await back.call(request(key))).toMatchObject(CREATED);
  expect(problemOf(await deployed.call(request(key))).code).toBe("request_incomparable");
  expect((await ledger.payments(key)).length).toBe(1);
});

describe("a completer's attempt, after a recorded payment", () => {
  test.each(["orzcash() at the commit", "orzcash() that restarts", "ietf()"])(
    "pays nothing more by a route with %s",
    async (name) => {
      const key = newKey();
      const steps = CONFIGURATIONS["orzcash() in steps"] as Configuration;
      const first = world.deploy(
        "new",
        worker(key, steps, "dies after its payment"),
        steps.options,
      );
      await first.call(request(key));
      const claimed = first.observed.find(({ kind }) => kind === "claimed");
      const { recordId } = claimed as { readonly recordId: string };
      world.clock.advance(MINUTE_MS);
      const next = CONFIGURATIONS[name] as Configuration;
      const deployed = world.deploy("new", worker(key, next, "completes"), next.options);
      await deployed.call({ ...request(key), idempotencyCompletion: { recordId } });
      expect((await ledger.payments(key)).length).toBe(1);
    },
  );
});

describe("a completer's attempt, after a payment outside DynamoDB that no step has recorded", () => {
  test.each(["orzcash() at the commit", "orzcash() that restarts", "ietf()"])(
    "is refused by a route with %s, as the client's own repeat is",
    async (name) => {
      const key = newKey();
      const steps = CONFIGURATIONS["orzcash() in steps"] as Configuration;
      const asksTheBank: Work = ({ context, kill }) => context.idempotency.step("bank", kill);
      const first = world.deploy("new", asksTheBank, steps.options);
      await first.call(request(key));
      const { recordId: id } = first.observed.find(({ kind }) => kind === "claimed") as never;
      const client = clientOf(engine);
      const TableName = world.recordsTable;
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
      const fingerprint = Item?.fingerprint?.S as string;
      const event = completionEvent(Item?.event?.S as string, { id, fingerprint, version: 2 });
      world.clock.advance(MINUTE_MS);
      const next = CONFIGURATIONS[name] as Configuration;
      const deployed = world.deploy("new", worker(key, next, "completes"), next.options);
      expect((await deployed.call(request(key))).statusCode).toBe(409);
      // At the commit a client's handler runs before its commit is refused; a completer's does not run.
      const runs = deployed.runs();
      await deployed.call(JSON.parse(event));
      expect(deployed.runs()).toBe(runs);
      expect(await ledger.payments(key)).toEqual([]);
    },
  );
});

test.each([
  ["the option service", () => ({ service: "payments" })],
  [
    "the options service and operation",
    () => ({ service: "payments", operation: "POST /transfers" }),
  ],
])("a function that was renamed keeps its requests by %s", async (_name, options) => {
  for (const version of ["old", "new"] as const) {
    const keys = [newKey(), newKey()] as const;
    const ietf: Configuration = { options: () => ({}) };
    const [done, interrupted] = keys;
    await world.deploy(version, worker(done, ietf, "completes")).call(request(done));
    const dying = world.deploy(version, worker(interrupted, ietf, "dies before its payment"));
    await dying.call(request(interrupted));
    world.clock.advance(MINUTE_MS);
    for (const key of keys) {
      const renamed = world.deploy("new", worker(key, ietf, "completes"), options);
      expect(await renamed.call(request(key), "payments-2")).toMatchObject(CREATED);
      expect((await ledger.payments(key)).length).toBe(1);
    }
  }
});
