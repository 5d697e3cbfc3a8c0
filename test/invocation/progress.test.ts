import { expect, test } from "@jest/globals";
import {
  endingOf,
  type HandlerEnd,
  mayHaveEffectsElsewhere,
  NO_PROGRESS,
  type Progress,
} from "../../lib/invocation/progress.ts";

const ERROR = new Error("the bank is down");
const THREW: HandlerEnd = { kind: "threw", error: ERROR };
const returned = (end: Partial<Extract<HandlerEnd, { kind: "returned" }>> = {}): HandlerEnd => ({
  ...{ kind: "returned", statusCode: 201, mark: undefined, isFaulty: false },
  ...end,
});

const BEGUN: readonly [string, Partial<Progress>][] = [
  ["a takeover", { tookOver: true }],
  ["a downstream key", { usedDownstreamKey: true }],
  ["a step", { ranStep: true }],
  ["a call of commit", { triedCommit: true }],
];

test.each(BEGUN)("after %s the execution has begun, returned or thrown", (_what, made) => {
  const progress = { ...NO_PROGRESS, ...made };
  expect(endingOf(progress, returned())).toMatchObject({ kind: "returned", hasBegun: true });
  expect(endingOf(progress, THREW)).toEqual({ kind: "threw", error: ERROR, hasBegun: true });
});

test("without progress nothing has begun", () => {
  expect(endingOf(NO_PROGRESS, returned({ statusCode: 503 }))).toEqual({
    kind: "returned",
    statusCode: 503,
    hasBegun: false,
    isFinal: false,
  });
  expect(endingOf(NO_PROGRESS, THREW)).toEqual({ kind: "threw", error: ERROR, hasBegun: false });
});

test.each<[string, Partial<Progress>, boolean]>([
  ["nothing", {}, false],
  ["a call of commit that was refused", { triedCommit: true }, false],
  ["a downstream key", { usedDownstreamKey: true }, false],
  ["a takeover", { tookOver: true }, true],
])("a rejection after %s has begun: %s", (_what, made, hasBegun) => {
  const end = returned({ mark: "rejected", isFaulty: true });
  expect(endingOf({ ...NO_PROGRESS, ...made }, end)).toEqual({
    kind: "rejected",
    statusCode: 201,
    hasBegun,
  });
});

test.each<[string, HandlerEnd, boolean]>([
  ["a plain response", returned(), false],
  ["a response marked as final", returned({ statusCode: 500, mark: "final" }), true],
  ["a result that is no response", returned({ statusCode: 502, isFaulty: true }), true],
])("%s is final: %s", (_what, end, isFinal) => {
  expect(endingOf(NO_PROGRESS, end)).toMatchObject({ kind: "returned", isFinal });
});

test.each<[Partial<Progress>, boolean]>([
  [{}, false],
  [{ triedCommit: true }, false],
  [{ tookOver: true }, true],
  [{ usedDownstreamKey: true }, true],
  [{ ranStep: true }, true],
])("with progress %j, effects outside the commit are possible: %s", (made, expected) => {
  expect(mayHaveEffectsElsewhere({ ...NO_PROGRESS, ...made })).toBe(expected);
});
