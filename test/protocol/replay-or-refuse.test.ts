import { describe, expect, test } from "@jest/globals";
import type { Observation } from "../../lib/observe.ts";
import { ietf } from "../../lib/profiles/ietf.ts";
import type { Profile } from "../../lib/profiles/profile.ts";
import type { KeyedRequest, Tools } from "../../lib/protocol/execution.ts";
import type { ClaimedRecord, CompletedRecord, UnknownRecord } from "../../lib/protocol/record.ts";
import { replayOrRefuse } from "../../lib/protocol/replay-or-refuse.ts";
import type { Verdict } from "../../lib/protocol/verdict.ts";
import { manualClock } from "../support/clock.ts";

const COMMON = { id: "id", owner: "other", fence: 1, fingerprint: "f" };
const claimed: ClaimedRecord = { ...COMMON, state: "CLAIMED", leaseUntilMs: 1, claims: 1 };
const completed: CompletedRecord = { ...COMMON, state: "COMPLETED", response: "{}" };
const unknown: UnknownRecord = { ...COMMON, state: "UNKNOWN" };

const REQUEST: KeyedRequest = { id: "id", fingerprint: "f", remainingMs: () => undefined };

/** The response to a verdict, the observations, and the remembered records. */
function answered(verdict: Verdict, knobs: Partial<Profile> = {}) {
  const observed: Observation[] = [];
  const kept: string[] = [];
  const tools = {
    observe: (one: Observation) => observed.push(one),
    clock: manualClock(),
    cache: { keep: ({ id }: CompletedRecord) => kept.push(id), find: () => undefined },
  } as unknown as Tools;
  return { answer: replayOrRefuse(tools, ietf(knobs), REQUEST, verdict), observed, kept };
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
      refused("payload_mismatch"),
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
      "may come back where the record has changed since",
      { kind: "unused" },
      {},
      refused("request_in_flight"),
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
    expect(answered({ kind: "unused" }).observed).toEqual([
      { kind: "refused", recordId: "id", code: "request_in_flight" },
    ]);
  });

  test("is answered without a cache as well", () => {
    const tools = { observe: () => {} } as unknown as Tools;
    const verdict = { kind: "completed", record: completed } as const;
    expect(replayOrRefuse(tools, ietf(), REQUEST, verdict)).toEqual({
      kind: "replay",
      response: "{}",
    });
  });

  test("leaves a completed record in the cache, and no other", () => {
    expect(answered({ kind: "completed", record: completed }).kept).toEqual(["id"]);
    expect(answered({ kind: "mismatch", record: completed }).kept).toEqual(["id"]);
    expect(answered({ kind: "mismatch", record: claimed }).kept).toEqual([]);
    expect(answered({ kind: "unused" }).kept).toEqual([]);
  });
});
