import { expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import { createReadFirst } from "../../lib/settings/read-first.ts";
import { httpApiEvent } from "../support/events.ts";

const REQUEST = readRequest(httpApiEvent({}));
const RETRY = readRequest(httpApiEvent({ headers: { "x-stainless-retry-count": "1" } }));

test.each([
  [undefined, false],
  ["never", false],
  ["always", true],
] as const)("%j reads first: %s, with and without a retry header", (readFirst, expected) => {
  const isReadFirst = createReadFirst(readFirst);
  for (const request of [REQUEST, RETRY, REQUEST]) {
    expect(isReadFirst("id", request)).toBe(expected);
  }
});

test("the last 10,000 keys are remembered, and the least recently used key is forgotten first", () => {
  const isReadFirst = createReadFirst("suspected");
  for (let id = 0; id < 10_000; id += 1) isReadFirst(`${id}`, REQUEST);
  expect(isReadFirst("0", REQUEST)).toBe(true);
  expect(isReadFirst("one more", REQUEST)).toBe(false);
  expect(isReadFirst("1", REQUEST)).toBe(false);
  expect(isReadFirst("0", REQUEST)).toBe(true);
  expect(isReadFirst("3", REQUEST)).toBe(true);
});
