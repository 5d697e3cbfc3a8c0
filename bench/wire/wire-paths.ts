import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  idempotent,
  ietf,
  orzcash,
  type Store,
  type TransactWrite,
  type WithIdempotency,
} from "../../lib/index.ts";
import { startEngine } from "../../local/engine.ts";
import { createTables, localClient } from "../../local/tables.ts";
import { startTap } from "../../local/tap.ts";
import { createHttpEvent } from "../../proof/kit/http-event.ts";
import { defineTable } from "../measuring/engine-under-test.ts";
import { meterWire, type WireCost } from "./wire-meter.ts";

export type ClaimAt = "start" | "commit";

/** The paths of a request through the layer. */
export type WirePath =
  | "first"
  | "replay"
  | "in-flight"
  | "mismatch"
  | "takeover"
  | "ended"
  | "freed"
  | "step"
  | "invalid"
  | "refused"
  | "error";

/** The cost of one path, claimed at one of the two times. */
export interface PathCost extends WireCost {
  readonly claimAt: ClaimAt;
  readonly path: WirePath;
}

/** Every profile accepts it. */
const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/** The business items that the measured handler writes: a debit, a credit, an entry. */
export const BUSINESS_WRITES = 3;

/** Measures every path, claimed at both times, on an engine of its own, through an HTTP tap. */
export async function measurePaths(): Promise<PathCost[]> {
  const engine = await startEngine();
  const tap = await startTap(engine.endpoint);
  const direct = localClient(engine.endpoint);
  const client = localClient(tap.endpoint());
  try {
    await createTables(engine.endpoint, [defineTable("records"), defineTable("ledger")]);
    const { take } = meterWire(tap, direct);
    const store = dynamoDbStore({ tableName: "records", client });
    const costs: PathCost[] = [];
    for (const claimAt of ["start", "commit"] as const) {
      for (const [path, play] of Object.entries(STORIES)) {
        // There are no steps without a claim.
        if (path === "step" && claimAt === "commit") continue;
        const cost = await play(actor(store, claimAt, path), take);
        costs.push({ claimAt, path: path as WirePath, ...cost });
      }
    }
    return costs;
  } finally {
    client.destroy();
    direct.destroy();
    await tap.close();
    await engine.close();
  }
}

/** Sends requests under one key to handlers with a given behaviour. */
interface Actor {
  readonly claimAt: ClaimAt;
  /** The handler commits three writes. */
  readonly commit: (body?: string) => Promise<unknown>;
  /** One of the writes refuses, and the handler answers 422. */
  readonly commitRefused: () => Promise<unknown>;
  /** A refusal for good, which frees the key; another payload may take it. */
  readonly reject: () => Promise<unknown>;
  /** The handler has its effect in a step outside DynamoDB, under a profile that resumes. */
  readonly runStep: () => Promise<unknown>;
  readonly crash: () => Promise<unknown>;
  /** The option `validate` refuses the request. */
  readonly refuseInvalid: () => Promise<unknown>;
  /** The handler never ends; resolves when the handler has begun. */
  readonly hang: (claimAt?: ClaimAt) => Promise<void>;
  readonly advance: (durationMs: number) => void;
}

/** The course of each path, and the part of it that is metered. */
const STORIES: Record<WirePath, (createActor: Actor, take: () => WireCost) => Promise<WireCost>> = {
  async first({ commit }, take) {
    await commit();
    return take();
  },
  async replay({ commit }, take) {
    await commit();
    take();
    await commit();
    return take();
  },
  async "in-flight"({ hang, commit }, take) {
    await hang("start");
    take();
    await commit();
    return take();
  },
  async mismatch({ commit }, take) {
    await commit();
    take();
    await commit('{"other":true}');
    return take();
  },
  // Metered until the takeover: the rest costs the same as after any claim.
  async takeover({ claimAt, hang, advance, commit }, take) {
    await hang("start");
    advance(60_000);
    take();
    await (claimAt === "start" ? hang() : commit());
    return take();
  },
  // Metered until the claim, where it comes first.
  async ended({ claimAt, hang, advance, commit }, take) {
    await commit();
    advance(25 * 60 * 60_000);
    take();
    await (claimAt === "start" ? hang() : commit());
    return take();
  },
  async freed({ claimAt, hang, reject, commit }, take) {
    await reject();
    take();
    await (claimAt === "start" ? hang() : commit('{"corrected":true}'));
    return take();
  },
  async step({ runStep }, take) {
    await runStep();
    return take();
  },
  async invalid({ refuseInvalid }, take) {
    await refuseInvalid();
    return take();
  },
  async refused({ commitRefused }, take) {
    await commitRefused();
    return take();
  },
  async error({ crash }, take) {
    await crash();
    return take();
  },
};

function actor(store: Store, claimAt: ClaimAt, path: string): Actor {
  let nowMs = Date.UTC(2026, 10, 22);
  const clock = { now: () => nowMs, sleep: async () => {} };
  const writes = createWrites(`${claimAt}-${path}`);

  async function send(
    behaviour: (context: WithIdempotency<object>) => unknown,
    { sentClaimAt = claimAt, body = "{}", isValid = true, profile = ietf() } = {},
  ): Promise<unknown> {
    const handler = idempotent(
      (_event: unknown, context: WithIdempotency<object>) => behaviour(context),
      {
        store,
        singleTenant: true,
        profile,
        clock,
        claimAt: sentClaimAt,
        operation: `${claimAt} ${path}`,
        validate: () => (isValid ? undefined : { statusCode: 422 }),
        observe: () => {},
      },
    );
    const headers = { "idempotency-key": KEY, "content-type": "application/json" };
    const event = createHttpEvent({ route: "POST /transfers", headers, body });
    return handler(event, { getRemainingTimeInMillis: () => 10_000 }).catch(() => undefined);
  }

  return {
    claimAt,
    advance: (durationMs) => {
      nowMs += durationMs;
    },
    commit: (body = "{}") =>
      send(({ idempotency }) => idempotency.commit(writes, { statusCode: 201 }), { body }),
    commitRefused: () =>
      send(({ idempotency }) =>
        idempotency
          .commit([...writes.slice(1), refuseWrite(writes[0])], { statusCode: 201 })
          .catch(() => ({ statusCode: 422 })),
      ),
    reject: () =>
      send(() => {
        throw Object.assign(new Error("refused"), { statusCode: 422 });
      }),
    runStep: () =>
      send(
        async ({ idempotency }) => {
          await idempotency.step("bank", () => "paid");
          return { statusCode: 201 };
        },
        { profile: orzcash() },
      ),
    crash: () =>
      send(() => {
        throw new Error("crash");
      }),
    refuseInvalid: () => send(() => ({ statusCode: 201 }), { isValid: false }),
    hang: (sentClaimAt = claimAt) =>
      new Promise((begun) => {
        void send(() => new Promise(() => begun()), { sentClaimAt });
      }),
  };
}

function createWrites(name: string): TransactWrite[] {
  return Array.from({ length: BUSINESS_WRITES }, (_, index) => ({
    Put: { TableName: "ledger", Item: { id: `${name}-${index}`, amountMinor: 2_500 } },
  }));
}

function refuseWrite(write: TransactWrite | undefined): TransactWrite {
  if (write?.Put === undefined) throw new Error("expected a put");
  return { Put: { ...write.Put, ConditionExpression: "attribute_exists(id)" } };
}
