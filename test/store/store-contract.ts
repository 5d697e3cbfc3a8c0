import { describe, expect, test } from "@jest/globals";
import { digest } from "../../lib/protocol/digest.ts";
import type { ClaimRequest, Store } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";

const NOW_SECONDS = START_MS / 1000;
const DAY_SECONDS = 24 * 60 * 60;
const LONG_PAST_SECONDS = NOW_SECONDS - DAY_SECONDS;

let serial = 0;

/** A claim of an id that no other test uses. */
function createClaim(changes: Partial<ClaimRequest> = {}): ClaimRequest {
  serial += 1;
  return {
    id: digest("record id", [String(serial)]),
    owner: `owner-${serial}`,
    fingerprint: "the request",
    nowMs: START_MS,
    leaseUntilMs: START_MS + 10_000,
    expiresAtSeconds: NOW_SECONDS + DAY_SECONDS,
    takeover: "allowed",
    ...changes,
  };
}

/** Later, by another execution. */
function later(claim: ClaimRequest, laterMs: number, changes: Partial<ClaimRequest> = {}) {
  const nowMs = claim.nowMs + laterMs;
  return createClaim({ id: claim.id, nowMs, leaseUntilMs: nowMs + 10_000, ...changes });
}

function createCompletion({ id, owner }: ClaimRequest, response = '{"statusCode":201}') {
  return { id, owner, response, expiresAtSeconds: NOW_SECONDS + DAY_SECONDS };
}

/** A claim that no other execution has held in between. */
function only({ id, owner }: ClaimRequest) {
  return { id, owner, claims: 1, expiresAtSeconds: LONG_PAST_SECONDS };
}

/** The contract of every store: the conditions of the protocol, and nothing else. */
export function storeContract(name: string, store: () => Store): void {
  describe(`${name} keeps the contract of a store:`, () => {
    test("an unused id is claimed, with a fence above the time", async () => {
      const claim = createClaim();
      const claimed = await store().claim(claim);
      expect(claimed).toEqual({
        applied: true,
        record: {
          id: claim.id,
          owner: claim.owner,
          fingerprint: claim.fingerprint,
          state: "CLAIMED",
          fence: START_MS + 1,
          leaseUntilMs: claim.leaseUntilMs,
          claims: 1,
          startedAtMs: START_MS,
          expiresAtSeconds: claim.expiresAtSeconds,
        },
      });
      expect(await store().read(claim.id)).toEqual(claimed.record);
    });

    test("an id that was never claimed has no record", async () => {
      expect(await store().read(createClaim().id)).toBeUndefined();
    });

    test("a claim that is held refuses another, and shows its record", async () => {
      const first = createClaim();
      const { record } = await store().claim(first);
      expect(await store().claim(later(first, 9_999))).toEqual({ applied: false, record });
    });

    test("of 100 claims at once exactly one is applied", async () => {
      const first = createClaim();
      const claims = Array.from({ length: 100 }, () => later(first, 0));
      const results = await Promise.all(claims.map((claim) => store().claim(claim)));
      expect(results.filter(({ applied }) => applied)).toHaveLength(1);
    });

    test("a lapsed lease is taken over by the same request, and the fence grows", async () => {
      const first = createClaim();
      await store().claim(first);
      const second = later(first, 10_000);
      expect(await store().claim(second)).toMatchObject({
        applied: true,
        record: { owner: second.owner, fence: START_MS + 2, startedAtMs: START_MS },
      });
    });

    test("a lapsed lease is not taken over by another request", async () => {
      const first = createClaim();
      await store().claim(first);
      const second = later(first, 60_000, { fingerprint: "another request" });
      expect(await store().claim(second)).toMatchObject({
        applied: false,
        record: { owner: first.owner },
      });
    });

    test("a lapsed lease is not taken over where the profile forbids it", async () => {
      const first = createClaim();
      await store().claim(first);
      const second = later(first, 60_000, { takeover: "never" });
      expect(await store().claim(second)).toMatchObject({
        applied: false,
        record: { owner: first.owner },
      });
    });

    test("the same claim sent twice is refused by itself, even when its lease has lapsed", async () => {
      const first = createClaim({ leaseUntilMs: START_MS - 1 });
      await store().claim(first);
      expect(await store().claim(first)).toMatchObject({
        applied: false,
        record: { owner: first.owner, fence: START_MS + 1 },
      });
    });

    test("the same claim that arrives again after it was freed changes nothing", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().free(only(first));
      expect(await store().claim(first)).toMatchObject({ applied: false });
      expect(await store().read(first.id)).toMatchObject({ expiresAtSeconds: LONG_PAST_SECONDS });
    });

    test("an expired record is unused for any request, and its response is gone", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      const late = later(first, DAY_SECONDS * 1000, { fingerprint: "another request" });
      const claimed = await store().claim(late);
      expect(claimed).toMatchObject({
        applied: true,
        record: { fence: START_MS + 2, startedAtMs: START_MS + DAY_SECONDS * 1000 },
      });
      expect(claimed.record).not.toHaveProperty("response");
    });

    test("one second before it expires a record still refuses", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      const late = later(first, DAY_SECONDS * 1000 - 1_000);
      expect(await store().claim(late)).toMatchObject({
        applied: false,
        record: { state: "COMPLETED" },
      });
    });

    test("a record without expiry never becomes unused", async () => {
      const first = createClaim({ expiresAtSeconds: undefined });
      await store().claim(first);
      await store().complete({ ...createCompletion(first), expiresAtSeconds: undefined });
      const centuryMs = 100 * 365 * DAY_SECONDS * 1000;
      const refused = await store().claim(later(first, centuryMs));
      expect(refused).toMatchObject({ applied: false, record: { state: "COMPLETED" } });
      expect(refused.record?.expiresAtSeconds).toBeUndefined();
    });

    test("a claim without expiry takes the place of an expired record with one", async () => {
      const first = createClaim();
      await store().claim(first);
      const late = later(first, DAY_SECONDS * 1000, { expiresAtSeconds: undefined });
      const claimed = await store().claim(late);
      expect(claimed.applied).toBe(true);
      expect(claimed.record?.expiresAtSeconds).toBeUndefined();
    });

    test("the owner completes, and the record then holds the response as it was given", async () => {
      const first = createClaim();
      await store().claim(first);
      const response = '{"body":"“é” \\u0000 🂡"}';
      expect(await store().complete(createCompletion(first, response))).toEqual({ applied: true });
      expect(await store().read(first.id)).toEqual({
        id: first.id,
        owner: first.owner,
        fingerprint: first.fingerprint,
        state: "COMPLETED",
        fence: START_MS + 1,
        response,
        expiresAtSeconds: NOW_SECONDS + DAY_SECONDS,
      });
    });

    test("completing twice is refused by the own completion, which it shows", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      expect(await store().complete(createCompletion(first, "something else"))).toMatchObject({
        applied: false,
        record: { state: "COMPLETED", owner: first.owner, response: '{"statusCode":201}' },
      });
    });

    test("a completed record refuses claims of the same and of other requests", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      for (const fingerprint of [first.fingerprint, "another request"]) {
        expect(await store().claim(later(first, 60_000, { fingerprint }))).toMatchObject({
          applied: false,
          record: { state: "COMPLETED" },
        });
      }
    });

    test("a stale owner can neither complete, release, free nor extend", async () => {
      const stale = createClaim();
      await store().claim(stale);
      const present = later(stale, 10_000);
      const { record } = await store().claim(present);
      const refused = { applied: false, record };
      expect(await store().complete(createCompletion(stale))).toEqual(refused);
      expect(await store().release(stale)).toEqual(refused);
      expect(await store().free(only(stale))).toEqual(refused);
      expect(await store().extend({ ...stale, leaseUntilMs: START_MS })).toEqual(refused);
      expect(await store().read(stale.id)).toEqual(record);
    });

    test("nothing is resurrected: without a record, complete, release, free and extend are refused", async () => {
      const never = createClaim();
      const refused = { applied: false, record: undefined };
      expect(await store().complete(createCompletion(never))).toEqual(refused);
      expect(await store().release(never)).toEqual(refused);
      expect(await store().free(only(never))).toEqual(refused);
      expect(await store().extend({ ...never, leaseUntilMs: START_MS })).toEqual(refused);
      expect(await store().read(never.id)).toBeUndefined();
    });

    test("once released, the same request may claim at once, another may not", async () => {
      const first = createClaim();
      await store().claim(first);
      expect(await store().release(first)).toEqual({ applied: true });
      const other = later(first, 0, { fingerprint: "another request" });
      expect(await store().claim(other)).toMatchObject({ applied: false });
      expect(await store().claim(later(first, 0))).toMatchObject({
        applied: true,
        record: { fence: START_MS + 2 },
      });
    });

    test("once freed, any request may claim, and the fence has survived", async () => {
      const first = createClaim();
      await store().claim(first);
      expect(await store().free(only(first))).toEqual({ applied: true });
      const other = later(first, 5, { fingerprint: "another request", takeover: "never" });
      expect(await store().claim(other)).toMatchObject({
        applied: true,
        record: {
          fence: START_MS + 2,
          fingerprint: "another request",
          startedAtMs: START_MS + 5,
        },
      });
    });

    test("a claim that another execution held in between is not freed by any owner", async () => {
      const first = createClaim({ leaseUntilMs: START_MS });
      await store().claim(first);
      await store().claim(later(first, 1, { leaseUntilMs: START_MS + 1 }));
      // A late copy of the first claim takes it back: the first knows of no other.
      const copy = { ...first, nowMs: START_MS + 2, leaseUntilMs: START_MS + 10_000 };
      const { record } = await store().claim(copy);
      expect(record).toMatchObject({ owner: first.owner, claims: 3 });
      expect(await store().free(only(first))).toEqual({ applied: false, record });
      expect(await store().free({ ...only(first), claims: 3 })).toEqual({ applied: true });
    });

    test("a freed key counts its claims anew", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().free(only(first));
      expect(await store().read(first.id)).toMatchObject({ claims: 0 });
      expect((await store().claim(later(first, 1))).record).toMatchObject({ claims: 1 });
    });

    test("the id of an entity outlives a claim that brings none", async () => {
      const first = createClaim({ entityId: "entity-1" });
      await store().claim(first);
      const { record } = await store().claim(later(first, 10_000));
      expect(record?.entityId).toBe("entity-1");
      expect(await store().read(first.id)).toEqual(record);
    });

    test("the id of an entity is the first claim's until the key is freed", async () => {
      const first = createClaim({ entityId: "entity-1" });
      const { record } = await store().claim(first);
      expect(record?.entityId).toBe("entity-1");
      const second = later(first, 10_000, { entityId: "entity-2" });
      expect((await store().claim(second)).record?.entityId).toBe("entity-1");
      await store().free({ ...only(second), claims: 2 });
      const third = later(first, 10_000, { entityId: "entity-3" });
      expect((await store().claim(third)).record?.entityId).toBe("entity-3");
      await store().complete(createCompletion(third));
      expect(await store().read(first.id)).toMatchObject({
        state: "COMPLETED",
        entityId: "entity-3",
      });
    });

    test("a completer's claim takes nothing but a lapsed claim of the same request", async () => {
      const only = { takeover: "only" } as const;
      const first = createClaim();
      expect(await store().claim({ ...first, ...only })).toEqual({
        applied: false,
        record: undefined,
      });
      await store().claim(first);
      expect(await store().claim(later(first, 9_999, only))).toMatchObject({ applied: false });
      const other = later(first, 10_000, { ...only, fingerprint: "another request" });
      expect(await store().claim(other)).toMatchObject({ applied: false });
      const expired = { ...only, fingerprint: "another request" };
      const afterExpiry = later(first, DAY_SECONDS * 1_000, expired);
      expect(await store().claim(afterExpiry)).toMatchObject({ applied: false });
      const finisher = later(first, 10_000, only);
      expect(await store().claim(finisher)).toMatchObject({ applied: true });
      await store().complete(createCompletion(finisher));
      expect(await store().claim(later(first, 20_000, only))).toMatchObject({
        applied: false,
        record: { state: "COMPLETED" },
      });
    });

    test("a completer's claim does not take a freed key", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().free(only(first));
      expect(await store().claim(later(first, 10_000, { takeover: "only" }))).toMatchObject({
        applied: false,
        record: { state: "CLAIMED", claims: 0 },
      });
    });

    describe("a step", () => {
      const createStep = ({ id, owner }: ClaimRequest, index: number, name: string) => ({
        id,
        owner,
        index,
        step: { name, result: `"${name}"` },
      });

      test("is recorded behind the others, and once, however often it is sent", async () => {
        const claim = createClaim();
        await store().claim(claim);
        expect(await store().checkpoint(createStep(claim, 0, "a"))).toEqual({ applied: true });
        expect(await store().checkpoint(createStep(claim, 1, "b"))).toEqual({ applied: true });
        for (const [index, name] of ["a", "b"].entries()) {
          expect(await store().checkpoint(createStep(claim, index, name))).toMatchObject({
            applied: false,
            record: { steps: [{ name: "a", result: '"a"' }, { name: "b" }] },
          });
        }
        expect(await store().checkpoint(createStep(claim, 3, "d"))).toMatchObject({
          applied: false,
        });
      });

      test("is recorded by the owner only, and found by its successor", async () => {
        const first = createClaim();
        await store().claim(first);
        await store().checkpoint(createStep(first, 0, "a"));
        await store().release(first);
        const second = later(first, 1);
        expect((await store().claim(second)).record).toMatchObject({ steps: [{ name: "a" }] });
        expect(await store().checkpoint(createStep(first, 1, "b"))).toMatchObject({
          applied: false,
        });
        expect(await store().checkpoint(createStep(second, 1, "b"))).toEqual({ applied: true });
      });

      test.each(["complete", "free"] as const)(
        "is gone when the claim has ended: %s",
        async (end) => {
          const first = createClaim();
          await store().claim(first);
          await store().checkpoint(createStep(first, 0, "a"));
          await store()[end]({ ...createCompletion(first), claims: 1 });
          expect(await store().read(first.id)).not.toHaveProperty("steps");
          const next = later(first, (DAY_SECONDS + 1) * 1000);
          expect((await store().claim(next)).record).not.toHaveProperty("steps");
        },
      );

      test("is not recorded where nothing is claimed", async () => {
        const claim = createClaim();
        expect(await store().checkpoint(createStep(claim, 0, "a"))).toEqual({
          applied: false,
          record: undefined,
        });
      });
    });

    test("an extended lease is held so much longer", async () => {
      const first = createClaim();
      await store().claim(first);
      const extended = { ...first, leaseUntilMs: START_MS + 60_000 };
      expect(await store().extend(extended)).toEqual({ applied: true });
      expect(await store().claim(later(first, 59_999))).toMatchObject({ applied: false });
      expect(await store().claim(later(first, 60_000))).toMatchObject({ applied: true });
    });
  });
}
