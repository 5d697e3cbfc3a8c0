import { describe, expect, test } from "@jest/globals";
import { digest } from "../../lib/protocol/digest.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { ClaimRequest, ReplacedRecord, Store } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";

const NOW_SECONDS = START_MS / 1000;
const DAY_SECONDS = 24 * 60 * 60;
const FREED_UNTIL_SECONDS = NOW_SECONDS + 60 * 60;

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
    takeover: "resume",
    ...changes,
  };
}

/** Later, by another execution. */
function later(claim: ClaimRequest, laterMs: number, changes: Partial<ClaimRequest> = {}) {
  const nowMs = claim.nowMs + laterMs;
  return createClaim({ id: claim.id, nowMs, leaseUntilMs: nowMs + 10_000, ...changes });
}

/** Names the claim that was made of an id without a record, unless another fence is given. */
function owned({ id, owner, nowMs }: ClaimRequest, fence = nowMs + 1) {
  return { id, owner, fence };
}

function createCompletion(claim: ClaimRequest, response = '{"statusCode":201}', fence?: number) {
  return { ...owned(claim, fence), response, expiresAtSeconds: NOW_SECONDS + DAY_SECONDS };
}

/** A claim that no other execution has held in between. */
function only(claim: ClaimRequest, fence?: number) {
  return { ...owned(claim, fence), claims: 1, expiresAtSeconds: FREED_UNTIL_SECONDS };
}

/** The record in the way of a claim, as the second write names it. */
function nameOf(record: IdempotencyRecord | undefined): ReplacedRecord {
  if (record === undefined) throw new Error("There is no record.");
  const { owner, fence, state } = record;
  return { owner, fence, state };
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
      expect(await store().read(first.id)).toEqual({
        ...owned(first),
        fingerprint: first.fingerprint,
        state: "FREED",
        expiresAtSeconds: FREED_UNTIL_SECONDS,
      });
    });

    test("an ended record refuses a first claim, and a claim that names it replaces it", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      const late = later(first, DAY_SECONDS * 1000, { fingerprint: "another request" });
      const { applied, record } = await store().claim(late);
      expect(applied).toBe(false);
      const claimed = await store().claim({ ...late, replaces: nameOf(record) });
      expect(claimed).toMatchObject({
        applied: true,
        record: { fence: START_MS + 2, claims: 1, startedAtMs: START_MS + DAY_SECONDS * 1000 },
      });
      expect(await store().read(first.id)).toEqual(claimed.record);
      expect(claimed.record).not.toHaveProperty("response");
    });

    test("a lapsed claim that has ended is not taken over: nothing of it reaches the next request", async () => {
      const first = createClaim({ entityId: "entity-1" });
      await store().claim(first);
      const late = later(first, DAY_SECONDS * 1000, { entityId: "entity-2" });
      const { applied, record } = await store().claim(late);
      expect(applied).toBe(false);
      const claimed = await store().claim({ ...late, replaces: nameOf(record) });
      expect(claimed.record).toMatchObject({
        claims: 1,
        startedAtMs: late.nowMs,
        entityId: "entity-2",
      });
      expect(await store().read(first.id)).toEqual(claimed.record);
    });

    test.each(["owner", "fence", "state"] as const)(
      "a claim that names another %s replaces nothing",
      async (part) => {
        const first = createClaim();
        await store().claim(first);
        await store().complete(createCompletion(first));
        const late = later(first, DAY_SECONDS * 1000);
        const other = { owner: "another", fence: 7, state: "UNKNOWN" } as const;
        const record = await store().read(first.id);
        const replaces = { ...nameOf(record), [part]: other[part] };
        expect(await store().claim({ ...late, replaces })).toEqual({ applied: false, record });
      },
    );

    test("a record that has not ended is not replaced, nor one that is gone", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().complete(createCompletion(first));
      const record = await store().read(first.id);
      const early = later(first, DAY_SECONDS * 1000 - 1_000, { replaces: nameOf(record) });
      expect(await store().claim(early)).toEqual({ applied: false, record });
      const elsewhere = createClaim({ replaces: nameOf(record) });
      expect(await store().claim(elsewhere)).toEqual({ applied: false, record: undefined });
    });

    test("an ended claim is replaced only once its lease is over", async () => {
      const first = createClaim({ leaseUntilMs: START_MS + DAY_SECONDS * 1000 + 5 });
      await store().claim(first);
      const record = await store().read(first.id);
      const early = later(first, DAY_SECONDS * 1000, { replaces: nameOf(record) });
      expect(await store().claim(early)).toEqual({ applied: false, record });
      const late = later(first, DAY_SECONDS * 1000 + 5, { replaces: nameOf(record) });
      expect(await store().claim(late)).toMatchObject({ applied: true });
    });

    test("a late completion comes before the claim that would replace its ended claim", async () => {
      const first = createClaim();
      await store().claim(first);
      const late = later(first, DAY_SECONDS * 1000);
      const { record } = await store().claim(late);
      await store().complete(createCompletion(first));
      expect(await store().claim({ ...late, replaces: nameOf(record) })).toMatchObject({
        applied: false,
        record: { state: "COMPLETED" },
      });
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

    test("a claim without expiry replaces an ended record with one", async () => {
      const first = createClaim();
      await store().claim(first);
      const late = later(first, DAY_SECONDS * 1000, { expiresAtSeconds: undefined });
      const { record } = await store().claim(late);
      const claimed = await store().claim({ ...late, replaces: nameOf(record) });
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

    test("a stale owner can neither complete, release, free, mark nor extend", async () => {
      const stale = createClaim();
      await store().claim(stale);
      const present = later(stale, 10_000);
      const { record } = await store().claim(present);
      const refused = { applied: false, record };
      expect(await store().complete(createCompletion(stale))).toEqual(refused);
      expect(await store().release(owned(stale))).toEqual(refused);
      expect(await store().free(only(stale))).toEqual(refused);
      expect(await store().mark({ ...owned(stale), nowMs: START_MS })).toEqual(refused);
      expect(await store().extend({ ...owned(stale), leaseUntilMs: START_MS })).toEqual(refused);
      expect(await store().read(stale.id)).toEqual(record);
    });

    test("nothing is resurrected: without a record, complete, release, free, mark and extend are refused", async () => {
      const never = createClaim();
      const refused = { applied: false, record: undefined };
      expect(await store().complete(createCompletion(never))).toEqual(refused);
      expect(await store().release(owned(never))).toEqual(refused);
      expect(await store().free(only(never))).toEqual(refused);
      expect(await store().mark({ ...owned(never), nowMs: START_MS })).toEqual(refused);
      expect(await store().extend({ ...owned(never), leaseUntilMs: START_MS })).toEqual(refused);
      expect(await store().read(never.id)).toBeUndefined();
    });

    test("once released, the same request may claim at once, another may not", async () => {
      const first = createClaim();
      await store().claim(first);
      expect(await store().release(owned(first))).toEqual({ applied: true });
      const other = later(first, 0, { fingerprint: "another request" });
      expect(await store().claim(other)).toMatchObject({ applied: false });
      expect(await store().claim(later(first, 0))).toMatchObject({
        applied: true,
        record: { fence: START_MS + 2 },
      });
    });

    test("a freed key refuses a first claim, and any request replaces it; the fence survives", async () => {
      const first = createClaim();
      await store().claim(first);
      expect(await store().free(only(first))).toEqual({ applied: true });
      const other = later(first, 5, { fingerprint: "another request", takeover: "never" });
      const { applied, record } = await store().claim(other);
      expect({ applied, state: record?.state }).toEqual({ applied: false, state: "FREED" });
      expect(await store().claim({ ...other, replaces: nameOf(record) })).toMatchObject({
        applied: true,
        record: {
          fence: START_MS + 2,
          fingerprint: "another request",
          claims: 1,
          startedAtMs: START_MS + 5,
        },
      });
    });

    // With an expiry in the past in place of a state, the late copy would lock the key for ever.
    test("A claims and frees, B claims and frees: a late copy of A's claim changes nothing", async () => {
      const a = createClaim({ takeover: "never" });
      await store().claim(a);
      await store().free(only(a));
      const freed = nameOf(await store().read(a.id));
      const b = later(a, 1, { takeover: "never", replaces: freed });
      expect(await store().claim(b)).toMatchObject({ applied: true });
      await store().free(only(b, START_MS + 2));
      const record = await store().read(a.id);
      expect(await store().claim(a)).toEqual({ applied: false, record });
      expect(await store().claim(b)).toEqual({ applied: false, record });
    });

    test("a claim that another execution held in between is not freed by any owner", async () => {
      const first = createClaim({ leaseUntilMs: START_MS });
      await store().claim(first);
      await store().claim(later(first, 1, { leaseUntilMs: START_MS + 1 }));
      // A late copy of the first claim takes it back: the first knows of no other.
      const copy = { ...first, nowMs: START_MS + 2, leaseUntilMs: START_MS + 10_000 };
      const { record } = await store().claim(copy);
      expect(record).toMatchObject({ owner: first.owner, fence: START_MS + 3, claims: 3 });
      expect(await store().free(only(first))).toEqual({ applied: false, record });
      expect(await store().free(only(first, START_MS + 3))).toEqual({ applied: false, record });
      const free = { ...only(first, START_MS + 3), claims: 3 };
      expect(await store().free(free)).toEqual({ applied: true });
    });

    describe("a request that was never claimed", () => {
      const unclaimed = ({ id, owner, fingerprint, nowMs }: ClaimRequest) => ({
        id,
        owner,
        claim: { fingerprint, nowMs },
        expiresAtSeconds: FREED_UNTIL_SECONDS,
      });

      test("is freed under an id without a record, and then no first claim takes it", async () => {
        const refused = createClaim();
        expect(await store().free(unclaimed(refused))).toEqual({ applied: true });
        const record = await store().read(refused.id);
        expect(record).toEqual({
          ...owned(refused),
          fingerprint: refused.fingerprint,
          state: "FREED",
          expiresAtSeconds: FREED_UNTIL_SECONDS,
        });
        expect(await store().claim(later(refused, 1))).toEqual({ applied: false, record });
      });

      test("is freed in place of the freed record that it has seen, and of no other", async () => {
        const first = createClaim();
        await store().free(unclaimed(first));
        const seen = nameOf(await store().read(first.id));
        const second = unclaimed(later(first, 1));
        expect(await store().free(second)).toMatchObject({ applied: false });
        expect(await store().free({ ...second, replaces: seen })).toEqual({ applied: true });
        const third = unclaimed(later(first, 2));
        expect(await store().free({ ...third, replaces: seen })).toMatchObject({
          applied: false,
          record: { owner: second.owner, fence: START_MS + 2 },
        });
      });

      test("is named by the freed record until the key has a response or the record has ended", async () => {
        const a = createClaim();
        const name = (fingerprint: string) => ({ refused: `:${fingerprint}` });
        const read = async () => (await store().read(a.id)) as { refused?: string[] };
        await store().free({ ...unclaimed(a), ...name("a") });
        const b = {
          ...unclaimed(later(a, 1)),
          ...name("b"),
          replaces: nameOf((await read()) as never),
        };
        expect(await store().free(b)).toEqual({ applied: true });
        expect(new Set((await read()).refused)).toEqual(new Set([":a", ":b"]));

        // A request takes the key and leaves it; then one takes it, and responds.
        const c = later(a, 2, { replaces: nameOf((await read()) as never) });
        expect(await store().claim(c)).toMatchObject({ applied: true });
        expect(await store().free({ ...only(c, START_MS + 3), ...name("c") })).toEqual({
          applied: true,
        });
        expect(new Set((await read()).refused)).toEqual(new Set([":a", ":b", ":c"]));
        const d = later(a, 3, { replaces: nameOf((await read()) as never) });
        await store().claim(d);
        expect(await store().complete(createCompletion(d, "{}", START_MS + 4))).toEqual({
          applied: true,
        });
        expect(await read()).not.toHaveProperty("refused");

        // In place of an ended record the names start anew.
        const muchLater = later(a, 2 * DAY_SECONDS * 1_000);
        const e = {
          ...unclaimed(muchLater),
          ...name("e"),
          replaces: nameOf((await read()) as never),
        };
        expect(await store().free(e)).toEqual({ applied: true });
        expect((await read()).refused).toEqual([":e"]);
      });

      test("is not freed beside a claim or a response", async () => {
        const first = createClaim();
        const { record } = await store().claim(first);
        expect(await store().free(unclaimed(later(first, 1)))).toEqual({ applied: false, record });
      });

      test("is completed under an id without a record, and under no other", async () => {
        const first = createClaim({ entityId: "entity-1" });
        const { id, owner, fingerprint, nowMs, entityId } = first;
        const response = '{"statusCode":201}';
        const end = { response, expiresAtSeconds: NOW_SECONDS + DAY_SECONDS };
        const completion = { id, owner, claim: { fingerprint, nowMs, entityId }, ...end };
        expect(await store().complete(completion)).toEqual({ applied: true });
        const record = await store().read(id);
        expect(record).toEqual({
          ...owned(first),
          fingerprint,
          entityId,
          state: "COMPLETED",
          ...end,
        });
        const late = later(first, 2 * DAY_SECONDS * 1000);
        const { owner: other, nowMs: lateMs } = late;
        const again = { ...completion, owner: other, claim: { fingerprint, nowMs: lateMs } };
        expect(await store().complete(again)).toEqual({ applied: false, record });
      });
    });

    test("a claim with an entity's id is not taken over by a request without an entity", async () => {
      const first = createClaim({ entityId: "entity-1" });
      const { record } = await store().claim(first);
      expect(await store().claim(later(first, 10_000))).toEqual({ applied: false, record });
    });

    test("the id of an entity is the first claim's until the key is freed", async () => {
      const first = createClaim({ entityId: "entity-1" });
      const { record } = await store().claim(first);
      expect(record?.entityId).toBe("entity-1");
      const second = later(first, 10_000, { entityId: "entity-2" });
      expect((await store().claim(second)).record?.entityId).toBe("entity-1");
      await store().free({ ...only(second, START_MS + 2), claims: 2 });
      const replaces = nameOf(await store().read(first.id));
      const third = later(first, 10_000, { entityId: "entity-3", replaces });
      expect((await store().claim(third)).record?.entityId).toBe("entity-3");
      await store().complete(createCompletion(third, "{}", START_MS + 3));
      expect(await store().read(first.id)).toMatchObject({
        state: "COMPLETED",
        entityId: "entity-3",
      });
    });

    test("a completer's claim takes nothing but a lapsed claim of the same request", async () => {
      const only = { onlyLapsed: true } as const;
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
      await store().complete(createCompletion(finisher, "{}", START_MS + 2));
      expect(await store().claim(later(first, 20_000, only))).toMatchObject({
        applied: false,
        record: { state: "COMPLETED" },
      });
    });

    test("a completer's claim does not take a freed key", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().free(only(first));
      expect(await store().claim(later(first, 10_000, { onlyLapsed: true }))).toMatchObject({
        applied: false,
        record: { state: "FREED" },
      });
    });

    describe("the begun mark", () => {
      test("is written by the owner, ends the expiry, and reaches a successor that resumes", async () => {
        const first = createClaim();
        await store().claim(first);
        expect(await store().mark({ ...owned(first), nowMs: START_MS + 5 })).toEqual({
          applied: true,
        });
        const record = await store().read(first.id);
        expect(record).toMatchObject({ begunAtMs: START_MS + 5, claims: 1 });
        expect(record?.expiresAtSeconds).toBeUndefined();
        const next = later(first, 2 * DAY_SECONDS * 1000);
        expect(await store().claim({ ...next, takeover: "restart" })).toEqual({
          applied: false,
          record,
        });
        expect(await store().claim(next)).toMatchObject({
          applied: true,
          record: { begunAtMs: START_MS + 5, claims: 2, startedAtMs: START_MS },
        });
      });

      test("keeps the key from being freed", async () => {
        const first = createClaim();
        await store().claim(first);
        await store().mark({ ...owned(first), nowMs: START_MS });
        expect(await store().free(only(first))).toMatchObject({ applied: false });
      });

      test("is refused once the claim has ended", async () => {
        const first = createClaim();
        await store().claim(first);
        const lateMs = START_MS + DAY_SECONDS * 1000;
        expect(await store().mark({ ...owned(first), nowMs: lateMs })).toMatchObject({
          applied: false,
        });
      });
    });

    describe("a step", () => {
      const createStep = (claim: ClaimRequest, index: number, name: string, fence?: number) => ({
        ...owned(claim, fence),
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
        await store().release(owned(first));
        const second = later(first, 1);
        expect((await store().claim(second)).record).toMatchObject({ steps: [{ name: "a" }] });
        expect(await store().checkpoint(createStep(first, 1, "b"))).toMatchObject({
          applied: false,
        });
        expect(await store().checkpoint(createStep(second, 1, "b", START_MS + 2))).toEqual({
          applied: true,
        });
      });

      test("is gone when the claim is complete", async () => {
        const first = createClaim();
        await store().claim(first);
        await store().checkpoint(createStep(first, 0, "a"));
        await store().complete(createCompletion(first));
        expect(await store().read(first.id)).not.toHaveProperty("steps");
      });

      test("keeps the key from being freed, the record from ending, and a restart from taking over", async () => {
        const first = createClaim();
        await store().claim(first);
        await store().checkpoint(createStep(first, 0, "a"));
        expect(await store().free(only(first))).toMatchObject({ applied: false });
        const record = await store().read(first.id);
        expect(record?.expiresAtSeconds).toBeUndefined();
        const next = later(first, 2 * DAY_SECONDS * 1000);
        const refused = { applied: false, record };
        expect(await store().claim({ ...next, takeover: "restart" })).toEqual(refused);
        expect(await store().claim({ ...next, replaces: nameOf(record) })).toEqual(refused);
        expect(await store().claim(next)).toMatchObject({ applied: true, record: { claims: 2 } });
      });

      test("is not recorded where nothing is claimed", async () => {
        const claim = createClaim();
        expect(await store().checkpoint(createStep(claim, 0, "a"))).toEqual({
          applied: false,
          record: undefined,
        });
      });
    });

    describe("a suspended claim", () => {
      const suspend = async (changes: Partial<ClaimRequest> = {}) => {
        const first = createClaim({ owner: "execution.1", ...changes });
        const claimed = await store().claim(first);
        if (!claimed.applied) throw new Error("The id is in use.");
        const { leaseUntilMs } = claimed.record;
        const rewrites = { ...nameOf(claimed.record), suspendedUntilMs: leaseUntilMs };
        return {
          first,
          next: later(first, 1_000, { owner: "execution.2", leaseUntilMs, rewrites }),
        };
      };

      test("goes on under the next owner, before its lease is over, with one claim more", async () => {
        const { first, next } = await suspend();
        const taken = await store().claim(next);
        expect(taken).toMatchObject({
          applied: true,
          record: { owner: "execution.2", fence: START_MS + 2, claims: 2, startedAtMs: START_MS },
        });
        expect(await store().complete(createCompletion(first))).toMatchObject({ applied: false });
        expect(await store().free(only(first))).toMatchObject({ applied: false });
        const free = { ...only(next, START_MS + 2), claims: 1 };
        expect(await store().free(free)).toMatchObject({ applied: false });
        expect(await store().claim(next)).toMatchObject({ applied: false });
      });

      test("goes on although it has ended", async () => {
        const { next } = await suspend({ expiresAtSeconds: NOW_SECONDS + 1 });
        const late = { ...next, nowMs: START_MS + 60_000 };
        expect(await store().claim(late)).toMatchObject({ applied: true });
      });

      test("is left alone once it was released, extended or taken over", async () => {
        const released = await suspend();
        await store().release(owned(released.first));
        expect(await store().claim(released.next)).toMatchObject({ applied: false });
        const extended = await suspend();
        await store().extend({ ...owned(extended.first), leaseUntilMs: START_MS + 60_000 });
        expect(await store().claim(extended.next)).toMatchObject({ applied: false });
        const taken = await suspend();
        await store().claim(later(taken.first, 60_000));
        expect(await store().claim(taken.next)).toMatchObject({ applied: false });
      });

      test("with begun work is left alone by a claim that does not resume", async () => {
        const { first, next } = await suspend();
        await store().mark({ ...owned(first), nowMs: START_MS });
        const restart = { ...next, takeover: "restart" } as const;
        expect(await store().claim(restart)).toMatchObject({ applied: false });
        expect(await store().claim({ ...next, takeover: "resume" })).toMatchObject({
          applied: true,
        });
      });
    });

    test("an extended lease is held so much longer", async () => {
      const first = createClaim();
      await store().claim(first);
      const extended = { ...owned(first), leaseUntilMs: START_MS + 60_000 };
      expect(await store().extend(extended)).toEqual({ applied: true });
      expect(await store().extend({ ...extended, leaseUntilMs: START_MS + 1 })).toMatchObject({
        applied: false,
        record: { leaseUntilMs: START_MS + 60_000 },
      });
      expect(await store().claim(later(first, 59_999))).toMatchObject({ applied: false });
      expect(await store().claim(later(first, 60_000))).toMatchObject({ applied: true });
    });

    test("a released claim is not extended", async () => {
      const first = createClaim();
      await store().claim(first);
      await store().release(owned(first));
      const extended = { ...owned(first), leaseUntilMs: START_MS + 60_000 };
      expect(await store().extend(extended)).toMatchObject({ applied: false });
    });
  });
}
