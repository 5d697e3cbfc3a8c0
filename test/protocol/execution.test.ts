import { expect, test } from "@jest/globals";
import { ietf } from "../../lib/profiles/ietf.ts";
import { systemClock } from "../../lib/protocol/clock.ts";
import { allowedTakeover } from "../../lib/protocol/contract.ts";
import { callOptions } from "../../lib/protocol/execution.ts";

test.each<[string, number | undefined, object]>([
  ["half a second before the invocation does", 10_000, { timeoutMs: 9_500 }],
  ["after half of the remaining time, if that is later", 600, { timeoutMs: 300 }],
  ["at the same moment by both", 1_000, { timeoutMs: 500 }],
  ["after half of the remaining time, however short", 1, { timeoutMs: 0.5 }],
  ["by its own bounds, if the time is up", 0, {}],
  ["by its own bounds, if the time is over", -5, {}],
  ["by its own bounds, if the time is not known", undefined, {}],
])("a call of the store ends %s", (_name, remainingMs, options) => {
  const request = { id: "id", fingerprint: "f", remainingMs: () => remainingMs };
  expect(callOptions(request)).toEqual(options);
});

test("a lapsed claim is taken over, but where the profile refuses interrupted work", () => {
  const takeover = (interrupted: "restart" | "resume" | "refuse") =>
    allowedTakeover(ietf({ interrupted }));
  expect([takeover("restart"), takeover("resume"), takeover("refuse")]).toEqual([
    "allowed",
    "allowed",
    "never",
  ]);
});

test("the machine's own time goes on by itself, and while one sleeps", async () => {
  const beforeMs = Date.now();
  await systemClock.sleep(2);
  const nowMs = systemClock.now();
  expect(nowMs).toBeGreaterThan(beforeMs);
  expect(nowMs).toBeLessThanOrEqual(Date.now());
});
