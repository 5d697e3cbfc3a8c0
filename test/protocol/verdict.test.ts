import { describe, expect, test } from "@jest/globals";
import type {
  ClaimedRecord,
  CompletedRecord,
  IdempotencyRecord,
} from "../../lib/protocol/record.ts";
import {
  allowsTakeover,
  type Claimant,
  isUnused,
  judgeClaim,
  judgeCompletion,
  type Verdict,
} from "../../lib/protocol/verdict.ts";
import { START_MS } from "../support/clock.ts";

const NOW_MS = START_MS;
const NOW_SECONDS = START_MS / 1000;
const ME = { owner: "me", fingerprint: "same" };
/** This execution after a change of the service, which knows the scheme before it. */
const ME_CHANGED: Claimant = {
  ...{ ...ME, scheme: "scheme-2" },
  previous: () => [{ scheme: "scheme-1", fingerprint: "same under scheme-1" }],
};
/** The fingerprints of three records, as `ME_CHANGED` compares them. */
const REWRITTEN = { scheme: "scheme-1", fingerprint: "same under scheme-1" };
const MISMATCHED = { scheme: "scheme-1", fingerprint: "other under scheme-1" };
const INCOMPARABLE = { scheme: "scheme-0", fingerprint: "any under scheme-0" };

const STATES = ["CLAIMED", "COMPLETED", "UNKNOWN", "FREED"] as const;
const OWNERS = ["me", "other"] as const;
const FINGERPRINTS = ["same", "other"] as const;
const EXPIRIES = ["expired", "later", "never"] as const;
const LEASES = ["running", "lapsed"] as const;
const WORK = ["none", "steps", "mark"] as const;

interface Case {
  readonly state: (typeof STATES)[number];
  readonly owner: (typeof OWNERS)[number];
  readonly fingerprint: (typeof FINGERPRINTS)[number];
  readonly expiry: (typeof EXPIRIES)[number];
  readonly lease: (typeof LEASES)[number];
  readonly begun: (typeof WORK)[number];
}

const PLAIN = { expiry: "later", lease: "running", begun: "none" } as const;
/** Another execution's record of the same request. */
const THEIRS = { ...PLAIN, owner: "other", fingerprint: "same" } as const;

/** `|` lists alternatives and `*` stands for every value; only a claim has a lease and begun work. */
const TABLE = [
  // state                   owner    fingerprint  expiry           lease        begun          verdict
  ["CLAIMED                ", "me   ", "*    ", "*           ", "*      ", "*         ", "own"],
  [
    "COMPLETED              ",
    "me   ",
    "*    ",
    "*           ",
    "*      ",
    "*         ",
    "completed",
  ],
  ["UNKNOWN                ", "me   ", "*    ", "*           ", "*      ", "*         ", "unknown"],
  ["FREED                  ", "*    ", "*    ", "expired     ", "*      ", "*         ", "ended"],
  ["FREED                  ", "*    ", "*    ", "later|never ", "*      ", "*         ", "freed"],
  ["COMPLETED|UNKNOWN      ", "other", "*    ", "expired     ", "*      ", "*         ", "ended"],
  ["CLAIMED                ", "other", "*    ", "expired     ", "lapsed ", "none      ", "ended"],
  [
    "CLAIMED                ",
    "other",
    "*    ",
    "expired     ",
    "running",
    "none      ",
    "inFlight",
  ],
  [
    "CLAIMED                ",
    "other",
    "other",
    "expired     ",
    "*      ",
    "steps|mark",
    "mismatch",
  ],
  [
    "CLAIMED                ",
    "other",
    "same ",
    "expired     ",
    "running",
    "steps|mark",
    "inFlight",
  ],
  ["CLAIMED                ", "other", "same ", "expired     ", "lapsed ", "steps|mark", "lapsed"],
  [
    "CLAIMED                ",
    "other",
    "other",
    "later|never ",
    "*      ",
    "*         ",
    "mismatch",
  ],
  [
    "COMPLETED|UNKNOWN      ",
    "other",
    "other",
    "later|never ",
    "*      ",
    "*         ",
    "mismatch",
  ],
  [
    "COMPLETED              ",
    "other",
    "same ",
    "later|never ",
    "*      ",
    "*         ",
    "completed",
  ],
  ["UNKNOWN                ", "other", "same ", "later|never ", "*      ", "*         ", "unknown"],
  [
    "CLAIMED                ",
    "other",
    "same ",
    "later|never ",
    "running",
    "*         ",
    "inFlight",
  ],
  ["CLAIMED                ", "other", "same ", "later|never ", "lapsed ", "*         ", "lapsed"],
].map((row) => row.map((cell) => cell.trim())) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
][];

const ROWS = TABLE.map(([state, owner, fingerprint, expiry, lease, begun, verdict]) => ({
  state,
  owner,
  fingerprint,
  expiry,
  lease,
  begun,
  verdict,
}));

describe("a record that refused a claim", () => {
  test.each(ROWS)(
    "of state $state, owner $owner, fingerprint $fingerprint, expiry $expiry, lease $lease, begun work $begun is judged $verdict",
    ({ verdict, ...cells }) => {
      for (const one of expand(cells)) {
        const record = createRecord(one);
        expect({ ...one, verdict: judgeClaim(record, ME, NOW_MS) }).toMatchObject({
          ...one,
          verdict: { kind: verdict, record },
        });
      }
    },
  );

  test("has one row of the table for every combination", () => {
    const rows = ROWS.flatMap(expand).map((one) => JSON.stringify(one));
    const lists = [STATES, OWNERS, FINGERPRINTS, EXPIRIES, LEASES, WORK];
    const combinations = lists.reduce((product, { length }) => product * length, 1);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows).toHaveLength(combinations);
  });

  test("does not exist any more: the key is unused", () => {
    expect(judgeClaim(undefined, ME, NOW_MS)).toEqual({ kind: "absent" });
  });

  test("of release 0.1, whose key was freed, has ended: it is a claim without claims that expired a day ago", () => {
    const freed: IdempotencyRecord = {
      ...{ id: "id", owner: "other", fence: 7, fingerprint: "other", state: "CLAIMED" },
      ...{ leaseUntilMs: 0, claims: 0, expiresAtSeconds: NOW_SECONDS - 86_400 },
    };
    expect(judgeClaim(freed, ME, NOW_MS)).toEqual({ kind: "ended", record: freed });
  });

  test.each([
    ["a lease that runs", { leaseUntilMs: NOW_MS + 60_000 }],
    ["a recorded step", { steps: [{ name: "debit" }] }],
    ["the begun mark", { begunAtMs: NOW_MS - 5 }],
  ])("and is no claim ends at its end, even if a claim left it %s", (_what, remains) => {
    for (const state of ["COMPLETED", "UNKNOWN", "FREED"] as const) {
      const record = { ...createRecord({ ...THEIRS, state, expiry: "expired" }), ...remains };
      expect(judgeClaim(record, ME, NOW_MS)).toEqual({ kind: "ended", record });
    }
  });
});

describe("a record of before a change of the service", () => {
  test.each(["CLAIMED", "COMPLETED", "UNKNOWN"] as const)(
    "of state %s is incomparable under a scheme that is not known here",
    (state) => {
      const record = { ...createRecord({ ...THEIRS, state }), ...INCOMPARABLE };
      expect(judgeClaim(record, ME_CHANGED, NOW_MS)).toEqual({ kind: "incomparable", record });
    },
  );

  test.each(["CLAIMED", "COMPLETED", "UNKNOWN"] as const)(
    "of state %s is a mismatch if its fingerprint differs under a known scheme",
    (state) => {
      const record = { ...createRecord({ ...THEIRS, state }), ...MISMATCHED };
      expect(judgeClaim(record, ME_CHANGED, NOW_MS)).toEqual({ kind: "mismatch", record });
    },
  );

  test.each([
    ["is rewritten if an earlier scheme finds it the same", REWRITTEN, true],
    ["is rewritten if release 0.1 claimed it", { isOld: true }, true],
    ["is rewritten if both apply", { ...REWRITTEN, isOld: true }, true],
    ["is not rewritten if neither applies", {}, false],
  ])("and a lapsed claim %s", (_when, changes, isRewritten) => {
    const lapsed = createRecord({ ...THEIRS, state: "CLAIMED", lease: "lapsed" });
    const record = { ...lapsed, ...changes } as ClaimedRecord;
    expect(judgeClaim(record, ME_CHANGED, NOW_MS)).toStrictEqual({
      ...{ kind: "lapsed", record },
      ...(isRewritten && { isRewritten }),
    });
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
        begun: "none",
      }),
      ...changes,
    }) as IdempotencyRecord;

  test.each([
    ["one second before it ends", NOW_SECONDS + 1, "lapsed"],
    ["in the second in which it ends", NOW_SECONDS, "ended"],
    ["a second later", NOW_SECONDS - 1, "ended"],
    ["ended at the beginning of time", 0, "ended"],
  ])("is compared with the end in whole seconds: %s", (_when, expiresAtSeconds, kind) => {
    const lapsed = claimed({ expiresAtSeconds, leaseUntilMs: 0 });
    expect(judgeClaim(lapsed, ME, NOW_MS).kind).toBe(kind);
    expect(judgeClaim(lapsed, ME, NOW_MS + 999).kind).toBe(kind);
  });

  test.each([
    ["a millisecond before its end", NOW_MS + 1, "inFlight"],
    ["at its end", NOW_MS, "lapsed"],
    ["a millisecond after its end", NOW_MS - 1, "lapsed"],
    ["released: it ended at the beginning of time", 0, "lapsed"],
  ])("is compared with the lease in milliseconds: %s", (_when, leaseUntilMs, kind) => {
    expect(judgeClaim(claimed({ leaseUntilMs }), ME, NOW_MS).kind).toBe(kind);
  });

  test.each([
    ["a millisecond before the end of its lease", NOW_MS + 1, "inFlight"],
    ["at the end of its lease", NOW_MS, "ended"],
    ["a millisecond after the end of its lease", NOW_MS - 1, "ended"],
  ])("past the end of a claim leaves its owner the lease: %s", (_when, leaseUntilMs, kind) => {
    const record = claimed({ expiresAtSeconds: NOW_SECONDS - 60, leaseUntilMs });
    expect(judgeClaim(record, ME, NOW_MS).kind).toBe(kind);
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
    ["FREED", "me", "same", "fenced"],
    ["FREED", "other", "same", "fenced"],
    ["FREED", "other", "other", "fenced"],
  ] as const;

  test.each(TABLE_OF_COMPLETIONS)(
    "of state %s, owner %s, fingerprint %s is judged: %s",
    (state, owner, fingerprint, verdict) => {
      const record = createRecord({ ...PLAIN, state, owner, fingerprint });
      const winner = record as CompletedRecord;
      const expected = verdict === "the record of the winner" ? winner : verdict;
      expect(judgeCompletion(record, ME, "{}")).toEqual(expected);
    },
  );

  test("holds another response of this execution: that response counts, and the later one is not recorded", () => {
    const record = createRecord({ ...PLAIN, state: "COMPLETED", owner: "me", fingerprint: "same" });
    expect(judgeCompletion(record, ME, "another answer")).toEqual(record);
  });

  test("refused a write without a response: the response in the record counts", () => {
    const record = createRecord({ ...PLAIN, state: "COMPLETED", owner: "me", fingerprint: "same" });
    expect(judgeCompletion(record, ME)).toEqual(record);
  });

  test.each([
    [
      "the same under an earlier scheme: its response counts",
      REWRITTEN,
      "the record of the winner",
    ],
    ["another under an earlier scheme: this execution is fenced", MISMATCHED, "fenced"],
    ["incomparable: this execution is fenced", INCOMPARABLE, "fenced"],
  ])("holds the response of a request that is %s", (_which, compared, verdict) => {
    const record = { ...createRecord({ ...THEIRS, state: "COMPLETED" }), ...compared };
    const expected = verdict === "fenced" ? verdict : record;
    expect(judgeCompletion(record, ME_CHANGED, "{}")).toEqual(expected);
  });

  test("was deleted: this execution is fenced, and nothing is resurrected", () => {
    expect(judgeCompletion(undefined, ME, "{}")).toBe("fenced");
  });
});

describe("a key", () => {
  const record = createRecord({ ...THEIRS, state: "CLAIMED" });
  const kinds: Record<Verdict["kind"], boolean> = {
    ...{ absent: true, ended: true, freed: true },
    ...{ own: false, completed: false, mismatch: false, inFlight: false, incomparable: false },
    ...{ lapsed: false, suspended: false, unknown: false },
  };

  test.each(Object.entries(kinds))("whose verdict is %s is unused: %s", (kind, expected) => {
    expect(isUnused({ kind, record } as Verdict)).toBe(expected);
  });
});

describe("a lapsed claim", () => {
  const STEPS = [{ name: "debit" }];
  const lapsed = (changes: Partial<ClaimedRecord> = {}): ClaimedRecord => ({
    ...{ id: "id", owner: "other", fence: 7, fingerprint: "same", state: "CLAIMED" },
    ...{ leaseUntilMs: 0, claims: 1 },
    ...changes,
  });

  test.each<[string, ClaimedRecord, string, string]>([
    // by a request without an entity, and by one with an entity
    ["whose work has not begun", lapsed(), "restart resume", "restart resume"],
    ["with a list of no steps", lapsed({ steps: [] }), "restart resume", "restart resume"],
    ["with a recorded step", lapsed({ steps: STEPS }), "resume", "resume"],
    ["with the begun mark", lapsed({ begunAtMs: 0 }), "resume", "resume"],
    ["with an entity's id", lapsed({ entityId: "e" }), "", "restart resume"],
    ["with an entity's id and a step", lapsed({ entityId: "e", steps: STEPS }), "", "resume"],
  ])(
    "%s is taken over by those that forget nothing of it",
    (_which, record, without, withEntity) => {
      const all = ["never", "restart", "resume"] as const;
      const allowed = (hasEntity: boolean) =>
        all.filter((takeover) => allowsTakeover(record, { takeover, hasEntity })).join(" ");
      expect(allowed(false)).toBe(without);
      expect(allowed(true)).toBe(withEntity);
    },
  );
});

function expand(cells: Record<keyof Case, string>): Case[] {
  const values = (cell: string, all: readonly string[]) => (cell === "*" ? all : cell.split("|"));
  return values(cells.state, STATES).flatMap((state) =>
    values(cells.owner, OWNERS).flatMap((owner) =>
      values(cells.fingerprint, FINGERPRINTS).flatMap((fingerprint) =>
        values(cells.expiry, EXPIRIES).flatMap((expiry) =>
          values(cells.lease, LEASES).flatMap((lease) =>
            values(cells.begun, WORK).map(
              (begun) => ({ state, owner, fingerprint, expiry, lease, begun }) as Case,
            ),
          ),
        ),
      ),
    ),
  );
}

function createRecord({
  state,
  owner,
  fingerprint,
  expiry,
  lease,
  begun,
}: Case): IdempotencyRecord {
  const expiresAtSeconds = expiry === "expired" ? NOW_SECONDS - 60 : NOW_SECONDS + 60;
  const common = {
    id: "id",
    owner,
    fingerprint,
    fence: 7,
    ...(expiry === "never" ? {} : { expiresAtSeconds }),
  };
  if (state === "COMPLETED") return { ...common, state, response: "{}" };
  if (state !== "CLAIMED") return { ...common, state };
  return {
    ...common,
    state,
    claims: 1,
    leaseUntilMs: lease === "lapsed" ? NOW_MS - 1 : NOW_MS + 60_000,
    ...(begun === "steps" && { steps: [{ name: "debit" }] }),
    ...(begun === "mark" && { begunAtMs: NOW_MS - 5 }),
  };
}

describe("a claim of an earlier invocation of the same durable execution", () => {
  const mine = (owners: readonly string[] = []): Claimant => ({
    ...ME_CHANGED,
    durable: { id: "execution", timeoutMs: 60_000, owners: new Set(owners) },
  });
  const theirs = (changes: Partial<ClaimedRecord> = {}): ClaimedRecord => ({
    ...{ id: "id", owner: "execution.1", fence: 7, fingerprint: "same", state: "CLAIMED" },
    ...{ leaseUntilMs: NOW_MS + 1, claims: 1 },
    ...changes,
  });

  test.each<[string, Partial<ClaimedRecord>, Claimant, Verdict["kind"]]>([
    ["is suspended", {}, mine(), "suspended"],
    ["is suspended under an earlier scheme", REWRITTEN, mine(), "suspended"],
    ["is suspended after its lease", { leaseUntilMs: NOW_MS }, mine(), "suspended"],
    ["is suspended after its end", { expiresAtSeconds: NOW_SECONDS }, mine(), "suspended"],
    ["has lapsed once it was released", { leaseUntilMs: 0 }, mine(), "lapsed"],
    ["is a mismatch for another request", MISMATCHED, mine(), "mismatch"],
    ["is not compared under an unknown scheme", INCOMPARABLE, mine(), "incomparable"],
    ["is in flight beside this call", {}, mine(["execution.1"]), "inFlight"],
    ["is in flight for another execution", { owner: "other.1" }, mine(), "inFlight"],
    ["is in flight for a plain invocation", {}, ME_CHANGED, "inFlight"],
  ])("%s", (_what, changes, claimant, kind) => {
    const record = theirs(changes);
    expect(judgeClaim(record, claimant, NOW_MS)).toMatchObject({ kind, record });
  });

  test("is completed for its replay once it has its response", () => {
    const record: CompletedRecord = {
      ...{ id: "id", owner: "execution.1", fence: 7, fingerprint: "same" },
      ...{ state: "COMPLETED", response: "{}" },
    };
    expect(judgeClaim(record, mine(), NOW_MS)).toEqual({ kind: "completed", record });
    const other = { ...record, ...MISMATCHED };
    expect(judgeClaim(other, mine(), NOW_MS)).toMatchObject({ kind: "mismatch" });
  });
});
