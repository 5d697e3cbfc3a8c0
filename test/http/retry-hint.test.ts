import { expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import { saysRetry } from "../../lib/http/retry-hint.ts";
import { httpApiEvent } from "../support/events.ts";

test.each([
  ["x-stainless-retry-count", "0", false],
  ["X-Stainless-Retry-Count", "1", true],
  ["amz-sdk-request", "attempt=1; max=3", false],
  ["amz-sdk-request", "attempt=2; max=3", true],
  ["x-envoy-attempt-count", "1", false],
  ["x-envoy-attempt-count", "12", true],
  ["x-envoy-attempt-count", "many", false],
  ["x-stainless-retry-count", "1; DROP", false],
  ["x-stainless-retry-count", "x1", false],
  ["x-stainless-retry-count", "10", true],
  ["amz-sdk-request", "attempt=10; max=30", true],
  ["amz-sdk-request", "reattempt=2", false],
  ["x-envoy-attempt-count", "x2", false],
  ["x-envoy-attempt-count", "2x", false],
  ["x-retries", "3", false],
])("%s: %s says that it is a retry: %s", (header, value, expected) => {
  const request = readRequest(httpApiEvent({ headers: { [header]: value } }));
  expect(saysRetry(request)).toBe(expected);
});

test.each([
  [{ ApproximateReceiveCount: "1" }, false],
  [{ ApproximateReceiveCount: "2" }, true],
  [{ ApproximateReceiveCount: "10" }, true],
  [{ ApproximateReceiveCount: "-2" }, false],
  [{ ApproximateReceiveCount: "2nd" }, false],
  [{ ApproximateReceiveCount: 2 }, false],
  [{ ApproximateReceiveCount: { valueOf: 1, toString: 1 } }, false],
  [{ ApproximateReceiveCount: null }, false],
  [{}, false],
  [null, false],
])("attributes %j of a message say that it was delivered before: %s", (attributes, expected) => {
  expect(saysRetry(readRequest({ ...httpApiEvent({}), attributes }))).toBe(expected);
});
