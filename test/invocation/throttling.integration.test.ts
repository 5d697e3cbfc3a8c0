import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyOptions, ietf, orzcash } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { createRefusal } from "../../local/refusal.ts";
import { startTap, type Tap, type TapRequest } from "../../local/tap.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, createTransfer, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

/* A real engine behind a tap that refuses in its place, as a busy DynamoDB does. */

let engine: Engine;
let tap: Tap;
let tableName: string;
beforeAll(async () => {
  engine = await startEngine();
  tap = await startTap(engine.endpoint);
  tableName = await createTable(clientOf(engine));
}, 30_000);
afterAll(async () => {
  await tap.close();
  await engine.close();
});

const UUID = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";
let serial = 0;
/** A request that no other test sends. */
const request = () => {
  serial += 1;
  const body = JSON.stringify({ Idem: UUID.replace("0b3c0d4e", String(10_000_000 + serial)) });
  return httpApiEvent({ key: `k-${serial}`, path: `/transfers/${serial}`, body });
};

function serve(behaviour: Behaviour, options: Partial<IdempotencyOptions> = {}) {
  const client = clientOf({ endpoint: tap.endpoint() });
  return serviceOf(behaviour, { store: dynamoDbStore({ tableName, client }), ...options } as never);
}

/** Refuses the chosen requests until `isOver`. @returns the number of refusals. */
function refuse(
  chosen: (request: TapRequest) => boolean,
  name: string,
  isOver: (count: number) => boolean,
) {
  const refused = { count: 0 };
  const remove = tap.onRequest((request) => {
    if (!chosen(request) || isOver(refused.count)) return "forward";
    refused.count += 1;
    return createRefusal(name);
  });
  return { refused, [Symbol.dispose]: remove };
}

const updating =
  (start: string) =>
  ({ operation, body }: TapRequest) =>
    operation === "UpdateItem" && String(body.UpdateExpression).startsWith(start);
const isClaim = updating("SET #state = :claimed");
const isComplete = updating("SET #state = :completed");
const isCheckpoint = updating("SET #steps");
const isFree = updating("SET #state = :freed");
const isRelease = ({ operation, body }: TapRequest) =>
  operation === "UpdateItem" && body.UpdateExpression === "SET #leaseUntil = :zero";
const isRead = ({ operation }: TapRequest) => operation === "GetItem";
const isCommit = ({ operation }: TapRequest) => operation === "TransactWriteItems";

const inSteps: Behaviour = async ({ count, context: { idempotency } }) => {
  await idempotency.step("one", () => 1);
  await idempotency.step("two", ({ commit }) => commit([], 2));
  return { statusCode: 201, body: `{"run":${count}}` };
};
const committing: Behaviour = ({ count, context: { idempotency } }) =>
  idempotency.commit([], { statusCode: 201, body: `{"run":${count}}` });

/** Each write, with a handler and options that need it, and the last observation of the request. */
const WRITES: [
  string,
  (request: TapRequest) => boolean,
  Behaviour,
  Partial<IdempotencyOptions>,
  string,
][] = [
  ["CLAIM", isClaim, createTransfer, {}, "completed"],
  ["COMPLETE", isComplete, createTransfer, {}, "completed"],
  [
    "COMPLETE of a claim at the commit",
    isComplete,
    createTransfer,
    { claimAt: "commit" },
    "completed",
  ],
  ["CHECKPOINT", isCheckpoint, inSteps, { profile: orzcash() }, "completed"],
  ["CHECKPOINT with writes", isCommit, inSteps, { profile: orzcash() }, "completed"],
  ["COMMIT", isCommit, committing, {}, "completed"],
  ["COMMIT of a claim at the commit", isCommit, committing, { claimAt: "commit" }, "completed"],
  ["RELEASE", isRelease, () => ({ statusCode: 503 }), {}, "released"],
  ["FREE", isFree, ({ context }) => context.idempotency.reject({ statusCode: 422 }), {}, "freed"],
];

const NAMES = [
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TransactionConflictException",
  "ReplicatedWriteConflictException",
];

describe.each(WRITES)(
  "one second in which %s is refused",
  (_name, chosen, behaviour, more, end) => {
    test.each(NAMES)("with %s: the client waits for it, and there is one effect", async (name) => {
      const profile = "profile" in more ? {} : { profile: ietf() };
      const { call, runs, clock, observed } = serve(behaviour, { ...profile, ...more });
      const event = request();
      const headers = { ...event.headers, "idempotency-key": UUID };
      const startMs = clock.now();
      using busyStore = refuse(chosen, name, () => clock.now() >= startMs + 1_000);
      const answer = await call({ ...event, headers });
      expect(busyStore.refused.count).toBeGreaterThan(2);
      expect(clock.now() - startMs).toBeGreaterThanOrEqual(1_000);
      expect(observed.at(-1)?.kind).toBe(end);
      expect(runs()).toBe(1);
      if (end !== "completed") return;
      expect(answer).toMatchObject({ statusCode: 201, body: '{"run":1}' });
      expect((await call({ ...event, headers })).body).toBe('{"run":1}');
    });
  },
);

describe("a store that has failed (500)", () => {
  test.each([
    ["a claim", isClaim, createTransfer, {}],
    ["a completion", isComplete, createTransfer, {}],
    ["a commit", isCommit, committing, {}],
    ["a commit claiming at the commit", isCommit, committing, { claimAt: "commit" }],
    ["a step with writes", isCommit, inSteps, { profile: orzcash() }],
  ] as const)("is asked again for %s: a write that it applied names its owner", async (...row) => {
    const [, chosen, behaviour, options] = row;
    const { call, runs } = serve(behaviour, options);
    using _ = refuse(chosen, "InternalServerError", (count) => count === 3);
    const event = request();
    const headers = {
      ...event.headers,
      "idempotency-key": UUID.replace("0b3c", `${serial}`.padStart(4, "a")),
    };
    expect((await call({ ...event, headers })).statusCode).toBe(201);
    expect(runs()).toBe(1);
  });

  test("after it applied the write is recognised by the next attempt", async () => {
    const { call, runs, observed } = serve(createTransfer);
    const event = request();
    let lost = 0;
    const remove = tap.onRequest(async (seen) => {
      if (!(isClaim(seen) || isComplete(seen)) || lost >= 4) return "forward";
      lost += 1;
      if (lost % 2 === 0) return "forward";
      const response = await fetch(engine.endpoint, {
        method: "POST",
        headers: {
          "x-amz-target": `DynamoDB_20120810.${seen.operation}`,
          "content-type": "application/x-amz-json-1.0",
          authorization:
            "AWS4-HMAC-SHA256 Credential=local/20261122/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
          "x-amz-date": "20261122T000000Z",
        },
        body: JSON.stringify(seen.body),
      });
      expect(response.status).toBe(200);
      return createRefusal("InternalServerError");
    });
    expect((await call(event)).body).toBe('{"run":1}');
    remove();
    expect(lost).toBe(4);
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
    expect((await call(event)).body).toBe('{"run":1}');
    expect(runs()).toBe(1);
  });
});

describe("when reads are refused for a second,", () => {
  test("a repeat goes on waiting for the response of the first", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const profile = ietf({ inFlight: { waitMs: 5_000 } });
    const { call, runs, clock } = serve(
      async (run) => {
        await promise;
        return createTransfer(run);
      },
      { profile },
    );
    const event = request();
    const first = call(event);
    while (runs() === 0) await new Promise((next) => setImmediate(next));
    const startMs = clock.now();
    using busyReads = refuse(isRead, "ThrottlingException", () => clock.now() >= startMs + 1_000);
    const second = call(event);
    while (busyReads.refused.count < 3) await new Promise((next) => setImmediate(next));
    resolve();
    expect((await first).body).toBe('{"run":1}');
    expect((await second).body).toBe('{"run":1}');
    expect(runs()).toBe(1);
  });

  test("a response that is not stored is still compared with the record", async () => {
    const { call, clock, runs } = serve(
      ({ count, context }) =>
        count === 1
          ? context.idempotency.commit([], { statusCode: 201, body: "paid" })
          : { statusCode: 503 },
      { claimAt: "commit" },
    );
    const event = request();
    await call(event);
    const startMs = clock.now();
    using busyReads = refuse(isRead, "ThrottlingException", () => clock.now() >= startMs + 1_000);
    expect(await call(event)).toMatchObject({ statusCode: 201, body: "paid" });
    expect(busyReads.refused.count).toBeGreaterThan(2);
    expect(runs()).toBe(2);
  });
});

describe("a store that stays busy", () => {
  test("is given up before the invocation ends: the request is refused, and the handler has not run", async () => {
    const { call, clock, runs } = serve(createTransfer);
    const startMs = clock.now();
    using _ = refuse(isClaim, "ThrottlingException", () => false);
    const answer = await call(request());
    expect(answer.statusCode).toBe(503);
    expect(problemOf(answer).code).toBe("store_unavailable");
    expect(runs()).toBe(0);
    expect(clock.now() - startMs).toBeLessThan(9_000);
    expect(clock.now() - startMs).toBeGreaterThan(7_500);
  });

  test("because of other writes of the record means a request in flight", async () => {
    const { call, runs } = serve(createTransfer);
    using _ = refuse(isClaim, "ReplicatedWriteConflictException", () => false);
    const answer = await call(request());
    expect(problemOf(answer).code).toBe("request_in_flight");
    expect(runs()).toBe(0);
  });

  test("at the completion leaves the outcome open, and the refusal says so", async () => {
    const { call, observed } = serve(createTransfer);
    using _ = refuse(isComplete, "ThrottlingException", () => false);
    const answer = await call(request());
    expect(answer.statusCode).toBe(503);
    expect(problemOf(answer).code).toBe("outcome_not_recorded");
    expect(observed.at(-1)).toMatchObject({ cause: { failure: "throttled" } });
  });

  test("near the end of the invocation is asked once", async () => {
    const { call } = serve(createTransfer);
    using busyStore = refuse(isClaim, "ThrottlingException", () => false);
    await call(request(), { getRemainingTimeInMillis: () => 900 });
    expect(busyStore.refused.count).toBe(1);
  });
});
