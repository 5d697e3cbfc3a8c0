import { describe, expect, test } from "@jest/globals";
import { dwolla, ietf, memoryStore, orzcash, type Profile } from "../../lib/index.ts";
import type { ClaimOutcome, Store } from "../../lib/protocol/store.ts";
import { httpApiEvent } from "../support/events.ts";
import { problemOf, serviceOf } from "../support/service.ts";

const paid = httpApiEvent({ key: "k", body: '{"amount":"10.00"}' });
const other = httpApiEvent({ key: "k", body: '{"amount":"11.00"}' });

const invalid = () => {
  throw Object.assign(new Error("unknown account"), { statusCode: 422 });
};

describe("work that another execution has begun is not forgotten", () => {
  test("by its successor in the same millisecond", async () => {
    const { call, observed } = serviceOf(({ count, context }) => {
      if (count > 1) return invalid();
      context.idempotency.downstreamKey("charge");
      return { statusCode: 503 };
    });
    await call(paid);
    await expect(call(paid)).rejects.toThrow("unknown account");
    expect(observed.at(-1)).toMatchObject({ kind: "completed" });
    expect(problemOf(await call(other)).code).toBe("payload_mismatch");
    expect(await call(paid)).toMatchObject({ statusCode: 422, body: "unknown account" });
  });

  test.each([
    ["gets only the answer to the second copy of its claim", "claiming"],
    ["runs its handler when the second copy of its claim arrives", "working"],
  ])("by an execution that was suspended, and %s", async (_, when) => {
    const store = memoryStore();
    const successor = serviceOf(
      ({ context }) => {
        context.idempotency.downstreamKey("charge");
        return { statusCode: 503 };
      },
      { store },
    );
    const { clock } = successor;
    let claimAgain = () => Promise.resolve<ClaimOutcome | undefined>(undefined);
    const slow: Store = {
      ...store,
      async claim(request) {
        const claimed = await store.claim(request);
        claimAgain = async () => {
          clock.advance(60_000);
          await successor.call(paid);
          return store.claim({ ...request, nowMs: clock.now() });
        };
        return when === "claiming" ? ((await claimAgain()) ?? claimed) : claimed;
      },
    };
    const { call, observed } = serviceOf(
      async () => {
        if (when === "working") await claimAgain();
        return invalid();
      },
      { store: slow, clock },
    );
    if (when === "working") {
      // Its claim has another fence now, so nothing that it writes is applied.
      expect(problemOf(await call(paid)).code).toBe("claim_lost");
    } else {
      await expect(call(paid)).rejects.toThrow("unknown account");
      expect(observed.at(-1)).toMatchObject({ kind: "completed" });
    }
    expect(problemOf(await call(other)).code).toBe("payload_mismatch");
  });
});

test("a claim without an answer frees the key, unless another execution has claimed it", async () => {
  const profile = ietf({ interrupted: "refuse", retention: "never" });
  const store = memoryStore();
  const deaf: Store = {
    ...store,
    async claim(request) {
      await store.claim(request);
      throw Object.assign(new Error("no answer"), { name: "IdempotencyStoreError" });
    },
  };
  const { call } = serviceOf(invalid, { store: deaf, profile });
  expect(problemOf(await call(paid)).code).toBe("store_unavailable");
  const later = serviceOf(() => ({ statusCode: 201 }), { store, profile });
  expect((await later.call(other)).statusCode).toBe(201);
});

describe("a claim of a dead owner", () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const dieThen = async (profile: Profile, laterMs: number, event: unknown) => {
    const { call, clock } = serviceOf(
      ({ count }) => (count === 1 ? new Promise(() => {}) : { statusCode: 201 }),
      { profile },
    );
    void call(paid);
    await new Promise(setImmediate);
    clock.advance(laterMs);
    return call(event);
  };

  test("binds its key until it expires, and no longer", async () => {
    expect(problemOf(await dieThen(dwolla(), DAY_MS - 1_000, other)).code).toBe("payload_mismatch");
    expect((await dieThen(dwolla(), DAY_MS, other)).statusCode).toBe(201);
  });

  test("binds its key for ever if the profile resumes", async () => {
    const late = await dieThen(orzcash({ keyFormat: "visible" }), 400 * DAY_MS, other);
    expect(problemOf(late).code).toBe("payload_mismatch");
  });
});
