import { describe, expect, test } from "@jest/globals";
import { ietf } from "../../lib/profiles/ietf.ts";
import type { Profile } from "../../lib/profiles/profile.ts";
import type {
  ClaimedRecord,
  CompletedRecord,
  FreedRecord,
  UnknownRecord,
} from "../../lib/protocol/record.ts";
import { hasEntity, replayOrRefuse } from "../../lib/protocol/replay-or-refuse.ts";
import type { Verdict } from "../../lib/protocol/verdict.ts";
import { START_MS } from "../support/clock.ts";
import { createRequest, createTools } from "../support/keyed-request.ts";

const COMMON = { id: "id", owner: "other", fence: 1, fingerprint: "f" };
const claimed: ClaimedRecord = { ...COMMON, state: "CLAIMED", leaseUntilMs: 1, claims: 1 };
const completed: CompletedRecord = { ...COMMON, state: "COMPLETED", response: "{}" };
const unknown: UnknownRecord = { ...COMMON, state: "UNKNOWN" };
const freed: FreedRecord = { ...COMMON, state: "FREED" };

/** The response to a verdict, the observations, and the remembered records. */
function answered(verdict: Verdict, knobs: Partial<Profile> = {}) {
  const kept: string[] = [];
  const cache = { keep: ({ id }: CompletedRecord) => kept.push(id), find: () => undefined };
  const tools = createTools({ cache });
  const request = createRequest(tools, { contract: ietf(knobs), fingerprint: "f" });
  return { answer: replayOrRefuse(request, verdict), observed: tools.observed, kept };
}

const refused = (code: string, more = {}) => ({ kind: "refuse", refusal: { code, ...more } });
const entity = { completed: "entity" } as const;

describe("a request whose record belongs to another execution", () => {
  test.each<[string, Verdict, Partial<Profile>, object]>([
    [
      "gets the stored response",
      { kind: "completed", record: completed },
      {},
      { kind: "replay", response: "{}" },
    ],
    [
      "gets none where the profile keeps it back",
      { kind: "completed", record: completed },
      { completed: "refuse" },
      refused("already_completed"),
    ],
    [
      "gets the entity where there is one",
      { kind: "completed", record: { ...completed, entityId: "e" } },
      entity,
      { kind: "entity", entityId: "e", response: "{}" },
    ],
    [
      "gets the stored response if the record has no entity",
      { kind: "completed", record: completed },
      entity,
      { kind: "replay", response: "{}" },
    ],
    [
      "gets the stored response if the profile has no entities",
      { kind: "completed", record: { ...completed, entityId: "e" } },
      {},
      { kind: "replay", response: "{}" },
    ],
    [
      "is refused if it is another request",
      { kind: "mismatch", record: completed },
      {},
      refused("payload_mismatch", { isFirstDone: true }),
    ],
    [
      "gets the first request's response if the profile replays a mismatch",
      { kind: "mismatch", record: completed },
      { mismatch: "replay" },
      { kind: "replay", response: "{}" },
    ],
    [
      "is refused if there is no response to give yet",
      { kind: "mismatch", record: claimed },
      { mismatch: "replay" },
      refused("payload_mismatch"),
    ],
    [
      "is refused if the outcome is unknown",
      { kind: "unknown", record: unknown },
      {},
      refused("outcome_unknown"),
    ],
    [
      "is refused where its first was interrupted",
      { kind: "lapsed", record: claimed },
      { interrupted: "refuse" },
      refused("request_interrupted"),
    ],
    [
      "may come back where its first was interrupted and can be taken over",
      { kind: "lapsed", record: claimed },
      { interrupted: "resume" },
      refused("request_in_flight"),
    ],
    [
      "may come back while its first is executed",
      { kind: "inFlight", record: claimed },
      {},
      refused("request_in_flight"),
    ],
    [
      "may come back where the claim is its own",
      { kind: "own", record: claimed },
      {},
      refused("request_in_flight"),
    ],
    [
      "may come back where the record has gone since",
      { kind: "absent" },
      {},
      refused("request_in_flight"),
    ],
    [
      "may come back where the record has ended since",
      { kind: "ended", record: { ...completed, entityId: "e" } },
      entity,
      refused("request_in_flight"),
    ],
    [
      "may come back where the key was freed since",
      { kind: "freed", record: freed },
      {},
      refused("request_in_flight"),
    ],
    [
      "may come back where its first was interrupted before any work",
      { kind: "lapsed", record: claimed },
      { interrupted: "restart" },
      refused("request_in_flight"),
    ],
    [
      "is refused where its first was interrupted behind a step, and it would begin anew",
      { kind: "lapsed", record: { ...claimed, steps: [{ name: "debit" }] } },
      { interrupted: "restart" },
      refused("request_interrupted"),
    ],
    [
      "is refused where its first was interrupted behind the begun mark, and it would begin anew",
      { kind: "lapsed", record: { ...claimed, begunAtMs: 1 } },
      { interrupted: "restart" },
      refused("request_interrupted"),
    ],
    [
      "is refused where its first was interrupted with an entity, and it creates none",
      { kind: "lapsed", record: { ...claimed, entityId: "e" } },
      { interrupted: "resume" },
      refused("request_interrupted", { entityId: "e" }),
    ],
    [
      "may come back where its first was interrupted with an entity, and it creates one as well",
      { kind: "lapsed", record: { ...claimed, entityId: "e" } },
      { ...entity, interrupted: "resume" },
      refused("request_in_flight", { entityId: "e" }),
    ],
    [
      "may come back where its own suspended claim keeps changing",
      { kind: "suspended", record: claimed },
      { interrupted: "refuse" },
      refused("request_in_flight"),
    ],
    [
      "is refused where its own suspended claim holds begun work, and it would begin anew",
      { kind: "suspended", record: { ...claimed, begunAtMs: 1 } },
      { interrupted: "restart" },
      refused("request_interrupted"),
    ],
    [
      "is told how long the owner of a claim that was taken over may take",
      { kind: "inFlight", record: { ...claimed, claims: 2, leaseUntilMs: START_MS + 7_000 } },
      {},
      refused("request_in_flight", { retryAfterMs: 7_000, leaseLeftMs: 7_000 }),
    ],
    [
      "is told the entity in the way",
      { kind: "inFlight", record: { ...claimed, entityId: "e" } },
      entity,
      refused("request_in_flight", { entityId: "e" }),
    ],
  ])("%s", (_name, verdict, knobs, expected) => {
    expect(answered(verdict, knobs).answer).toStrictEqual(expected);
  });

  test("is observed, as a replay or a refusal", () => {
    expect(answered({ kind: "completed", record: completed }).observed).toEqual([
      { kind: "replayed", recordId: "id" },
    ]);
    expect(answered({ kind: "absent" }).observed).toEqual([
      { kind: "refused", recordId: "id", code: "request_in_flight" },
    ]);
  });

  test("is answered without a cache as well", () => {
    const verdict = { kind: "completed", record: completed } as const;
    expect(replayOrRefuse(createRequest(createTools()), verdict)).toEqual({
      kind: "replay",
      response: "{}",
    });
  });

  test("leaves a completed record in the cache, and no other", () => {
    expect(answered({ kind: "completed", record: completed }).kept).toEqual(["id"]);
    expect(answered({ kind: "mismatch", record: completed }).kept).toEqual(["id"]);
    expect(answered({ kind: "mismatch", record: claimed }).kept).toEqual([]);
    expect(answered({ kind: "ended", record: claimed }).kept).toEqual([]);
    expect(answered({ kind: "absent" }).kept).toEqual([]);
  });
});

describe("the operator", () => {
  const begun: Verdict = { kind: "lapsed", record: { ...claimed, begunAtMs: 1 } };

  test("hears of a record whose work this route would forget", () => {
    expect(answered(begun, { interrupted: "restart" }).observed).toMatchObject([
      { kind: "notResumable", recordId: "id", message: expect.stringContaining("does not resume") },
      { kind: "refused", code: "request_interrupted" },
    ]);
  });

  test("hears nothing where the profile refuses all interrupted work, or the route resumes", () => {
    for (const interrupted of ["refuse", "resume"] as const) {
      expect(answered(begun, { interrupted }).observed).toMatchObject([{ kind: "refused" }]);
    }
  });
});

test("only a request whose repeats get an entity creates one", () => {
  const has = (completed: Profile["completed"]) =>
    hasEntity(createRequest(createTools(), { contract: ietf({ completed }) }));
  expect([has("entity"), has("replay"), has("refuse")]).toEqual([true, false, false]);
});
