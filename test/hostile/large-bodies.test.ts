import { expect, test } from "@jest/globals";
import { readBodyHeaders } from "../../lib/http/body.ts";
import { canonicalJson } from "../../lib/http/canonical-json.ts";
import { fingerprint } from "../../lib/http/fingerprint.ts";
import { readRequest } from "../../lib/http/request.ts";
import { httpApiEvent } from "../support/events.ts";

const BOUND_MS = 4_000;

test.each<[string, () => string]>([
  ["one string", () => `"${"x".repeat(10_000_000)}"`],
  ["one string of escapes", () => `"${"\\n".repeat(5_000_000)}"`],
  ["one number", () => "1".repeat(10_000_000)],
  ["many numbers", () => `[${"1234567,".repeat(1_250_000)}1]`],
  ["many members", () => `{${manyMembers(250_000)}}`],
  ["white space", () => `${" ".repeat(10_000_000)}1`],
  ["a string that does not end", () => `"${"\\\\".repeat(5_000_000)}`],
  ["open brackets", () => "[".repeat(10_000_000)],
])(`a JSON text of 10 MB is read within ${BOUND_MS} ms: %s`, (_name, textOf) => {
  const text = textOf();
  const startMs = performance.now();
  canonicalJson(text);
  expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
});

test.each([
  ["arrays", "[", "]"],
  ["objects", '{"a":', "}"],
])(
  `1 MB of JSON, nested as deep as it may be, has its form within ${BOUND_MS} ms: %s`,
  (_name, open, close) => {
    const nested = `${open.repeat(490)}1${close.repeat(490)}`;
    const text = `[${Array.from({ length: Math.ceil(1_000_000 / nested.length) }, () => nested)}]`;
    const startMs = performance.now();
    expect(canonicalJson(text)).toBe(text);
    expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
  },
);

test(`a request of 10 MB has a fingerprint within ${BOUND_MS} ms`, () => {
  const body = `{"text":"${"x".repeat(10_000_000)}"}`;
  const request = readRequest(httpApiEvent({ method: "POST", path: "/transfers", body }));
  const counted = { method: true, path: true, query: true, body: true };
  const startMs = performance.now();
  expect(fingerprint(request, readBodyHeaders(request), counted)).toMatch(/^[\w-]{43}$/);
  expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
});

function manyMembers(count: number): string {
  return Array.from(
    { length: count },
    (_, at) => `"m${(at * 7919) % count}":"the value of member ${at}"`,
  ).join(",");
}
