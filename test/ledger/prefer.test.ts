import { expect, test } from "@jest/globals";
import { prefersAsync } from "../../lambda/http/prefer.ts";

test.each([
  "respond-async",
  "Respond-Async",
  "respond-async, wait=10",
  "wait=10,respond-async",
  "respond-async; foo",
  'return=minimal; note="a, b", respond-async',
])("Prefer: %s is a preference for a response at once", (prefer) => {
  expect(prefersAsync({ headers: { prefer } })).toBe(true);
});

test.each([
  undefined,
  "",
  "return=minimal",
  "respond-asynchronously",
  "wait=respond-async",
  'note="a, respond-async"',
  'note="a\\", respond-async"',
])("Prefer: %s is none", (prefer) => {
  expect(prefersAsync({ headers: { prefer } })).toBe(false);
});

test("an event without headers prefers nothing", () => {
  expect(prefersAsync({})).toBe(false);
});
