import { expect, test } from "@jest/globals";
import { type Course, judgeAbandoned } from "../../lib/completer/judge-abandoned.ts";
import type { DueClaim } from "../../lib/dynamodb/abandoned.ts";

const NOW_MS = 1_000_000;
const BOUNDS = { maxAttempts: 10, maxAgeMs: 500_000 };
const CLAIM: DueClaim = {
  ...{
    id: "id",
    owner: "owner",
    fence: 1,
    fingerprint: "f",
    version: 2,
    leaseUntilMs: 0,
    dueMs: 0,
  },
  claims: 1,
  attempts: 9,
  startedAtMs: NOW_MS - BOUNDS.maxAgeMs + 1,
  mayHaveBegun: true,
  abandoned: "complete",
  isResumable: true,
  event: "{}",
};

test.each<[string, Course, Partial<DueClaim>]>([
  ["begun work with an event, within the bounds", "invoke", {}],
  ["begun work of an unknown age", "invoke", { startedAtMs: undefined }],
  ["begun work that no client can resume", "invoke", { isResumable: false }],
  ["work that has not begun", "release", { mayHaveBegun: false }],
  ["… without an event", "release", { mayHaveBegun: false, event: undefined }],
  ["… past the bounds", "release", { mayHaveBegun: false, claims: 1, attempts: 10 }],
  ["… under a contract that gives up", "release", { mayHaveBegun: false, abandoned: "unknown" }],
  ["begun work under a contract that gives up", "give up", { abandoned: "unknown" }],
  ["… although there is an event", "give up", { abandoned: "unknown", event: "{}" }],
  ["… past the bounds", "give up", { abandoned: "unknown", claims: 1, attempts: 10 }],
  ["no event, and its client can resume", "mark stuck", { event: undefined }],
  ["no event, and no client can resume", "give up", { event: undefined, isResumable: false }],
  ["the most attempts", "mark stuck", { claims: 1, attempts: 10 }],
  ["the greatest age", "mark stuck", { startedAtMs: NOW_MS - BOUNDS.maxAgeMs }],
  ["… without any attempt", "mark stuck", { startedAtMs: 0, claims: 1, attempts: 0 }],
  ["… and no client can resume", "mark stuck", { claims: 1, attempts: 10, isResumable: false }],
])("%s: %s", (_name, course, change) => {
  expect(judgeAbandoned({ ...CLAIM, ...change }, BOUNDS, NOW_MS)).toBe(course);
});
