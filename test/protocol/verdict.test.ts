import { describe, expect, test } from "@jest/globals";
import type { CompletedRecord, IdempotencyRecord } from "../../lib/protocol/record.ts";
import { judgeClaim, judgeCompletion } from "../../lib/protocol/verdict.ts";
import { START_MS } from "../support/clock.ts";

const NOW_MS = START_MS;
const NOW_SECONDS = START_MS / 1000;
const ME = { owner: "me", fingerprint: "same" };

const STATES = ["CLAIMED", "COMPLETED", "UNKNOWN"] as const;
const OWNERS = ["me", "other"] as const;
const FINGERPRINTS = ["same", "other"] as const;
const EXPIRIES = ["expired", "later", "never"] as const;
const LEASES = ["running", "lapsed"] as const;

interface Case {
  readonly state: (typeof STATES)[number];
  readonly owner: (typeof OWNERS)[number];
  readonly fingerprint: (typeof FINGERPRINTS)[number];
  readonly expiry: (typeof EXPIRIES)[number];
  readonly lease: (typeof LEASES)[number];
}

/** `|` lists alternatives and `*` stands for every value; only a claim has a lease. */
const TABLE = [
  // state               owner    fingerprint  expiry           lease        verdict
  ["CLAIMED            ", "me   ", "*    ", "*           ", "*      ", "own"],
  ["COMPLETED          ", "me   ", "*    ", "*           ", "*      ", "completed"],
  ["UNKNOWN            ", "me   ", "*    ", "*           ", "*      ", "unknown"],
  ["*                  ", "other", "*    ", "expired     ", "*      ", "unused"],
  ["*                  ", "other", "other", "later|never ", "*      ", "mismatch"],
  ["COMPLETED          ", "other", "same ", "later|never ", "*      ", "completed"],
  ["UNKNOWN            ", "other", "same ", "later|never ", "*      ", "unknown"],
  ["CLAIMED            ", "other", "same ", "later|never ", "running", "inFlight"],
  ["CLAIMED            ", "other", "same ", "later|never ", "lapsed ", "lapsed"],
].map((row) => row.map((cell) => cell.trim())) as [
  string,
  string,
  string,
  string,
  string,
  string,
][];

const ROWS = TABLE.map(([state, owner, fingerprint, expiry, lease, verdict]) => ({
  state,
  owner,
  fingerprint,
  expiry,
  lease,
  verdict,
}));

describe("a record that refused a claim", () => {
  test.each(ROWS)(
    "of state $state, owner $owner, fingerprint $fingerprint, expiry $expiry, lease $lease is judged $verdict",
    ({ verdict, ...cells }) => {
      for (const one of expand(cells)) {
        const record = createRecord(one);
        expect({ ...one, verdict: judgeClaim(record, ME, NOW_MS) }).toMatchObject({
          ...one,
          verdict: expectedVerdict(verdict, record),
        });
      }
    },
  );

  test("has one row of the table for every combination", () => {
    const rows = ROWS.flatMap(expand).map((one) => JSON.stringify(one));
    const combinations = STATES.length * OWNERS.length * FINGERPRINTS.length * EXPIRIES.length * 2;
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows).toHaveLength(combinations);
  });

  test("does not exist any more: the key is unused", () => {
    expect(judgeClaim(undefined, ME, NOW_MS)).toEqual({ kind: "unused" });
  });
});

describe("time", () => {
  const claimed = (changes: object) =>
    ({
      ...createRecord({
        state: "CLAIMED",
        owner: "other",
        fingerprint: "same",
        expiry: "later",
        lease: "running",
      }),
      ...changes,
    }) as IdempotencyRecord;

  test.each([
    ["one second before it expires", NOW_SECONDS + 1, "inFlight"],
    ["in the second in which it expires", NOW_SECONDS, "unused"],
    ["a second later", NOW_SECONDS - 1, "unused"],
    ["freed: it expired at the beginning of time", 0, "unused"],
  ])("is compared with the expiry in whole seconds: %s", (_when, expiresAtSeconds, kind) => {
    expect(judgeClaim(claimed({ expiresAtSeconds }), ME, NOW_MS).kind).toBe(kind);
    expect(judgeClaim(claimed({ expiresAtSeconds }), ME, NOW_MS + 999).kind).toBe(kind);
  });

  test.each([
    ["a millisecond before its end", NOW_MS + 1, "inFlight"],
    ["at its end", NOW_MS, "lapsed"],
    ["a millisecond after its end", NOW_MS - 1, "lapsed"],
    ["released: it ended at the beginning of time", 0, "lapsed"],
  ])("is compared with the lease in milliseconds: %s", (_when, leaseUntilMs, kind) => {
    expect(judgeClaim(claimed({ leaseUntilMs }), ME, NOW_MS).kind).toBe(kind);
  });
});

describe("a record that refused a completion", () => {
  const TABLE_OF_COMPLETIONS = [
    // state, owner, fingerprint, verdict
    ["COMPLETED", "me", "same", "recorded"],
    ["COMPLETED", "me", "other", "recorded"],
    ["COMPLETED", "other", "same", "the record of the winner"],
    ["COMPLETED", "other", "other", "fenced"],
    ["CLAIMED", "me", "same", "fenced"],
    ["CLAIMED", "me", "other", "fenced"],
    ["CLAIMED", "other", "same", "fenced"],
    ["CLAIMED", "other", "other", "fenced"],
    ["UNKNOWN", "me", "same", "fenced"],
    ["UNKNOWN", "me", "other", "fenced"],
    ["UNKNOWN", "other", "same", "fenced"],
    ["UNKNOWN", "other", "other", "fenced"],
  ] as const;

  test.each(TABLE_OF_COMPLETIONS)(
    "of state %s, owner %s, fingerprint %s is judged: %s",
    (state, owner, fingerprint, verdict) => {
      const record = createRecord({ state, owner, fingerprint, expiry: "later", lease: "running" });
      const winner = record as CompletedRecord;
      const expected = verdict === "the record of the winner" ? winner : verdict;
      expect(judgeCompletion(record, ME, "{}")).toEqual(expected);
    },
  );

  test("holds another response of this execution: that response counts, and the later one is not recorded", () => {
    const own = { state: "COMPLETED", owner: "me", fingerprint: "same" } as const;
    const record = createRecord({ ...own, expiry: "later", lease: "running" });
    expect(judgeCompletion(record, ME, "another answer")).toEqual(record);
  });

  test("was deleted: this execution is fenced, and nothing is resurrected", () => {
    expect(judgeCompletion(undefined, ME, "{}")).toBe("fenced");
  });
});

function expand(cells: Record<keyof Case, string>): Case[] {
  const values = (cell: string, all: readonly string[]) => (cell === "*" ? all : cell.split("|"));
  return values(cells.state, STATES).flatMap((state) =>
    values(cells.owner, OWNERS).flatMap((owner) =>
      values(cells.fingerprint, FINGERPRINTS).flatMap((fingerprint) =>
        values(cells.expiry, EXPIRIES).flatMap((expiry) =>
          values(cells.lease, LEASES).map(
            (lease) => ({ state, owner, fingerprint, expiry, lease }) as Case,
          ),
        ),
      ),
    ),
  );
}

function createRecord({ state, owner, fingerprint, expiry, lease }: Case): IdempotencyRecord {
  const expiresAtSeconds = expiry === "expired" ? NOW_SECONDS - 60 : NOW_SECONDS + 60;
  const common = {
    id: "id",
    owner,
    fingerprint,
    fence: 7,
    ...(expiry === "never" ? {} : { expiresAtSeconds }),
  };
  if (state === "COMPLETED") return { ...common, state, response: "{}" };
  if (state === "UNKNOWN") return { ...common, state };
  const leaseUntilMs = lease === "lapsed" ? NOW_MS - 1 : NOW_MS + 60_000;
  return { ...common, state, claims: 1, leaseUntilMs };
}

function expectedVerdict(kind: string, record: IdempotencyRecord): object {
  return kind === "unused" ? { kind } : { kind, record };
}
