import { expect, test } from "@jest/globals";
import { testClock, testContext } from "../../lib/testing/index.ts";

test("a context has the members of Lambda's, and another request id each time", () => {
  const context = testContext();
  expect(context).toMatchObject({
    functionName: "test-function",
    invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:test-function",
    logGroupName: "/aws/lambda/test-function",
  });
  expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(testContext().awsRequestId).not.toBe(context.awsRequestId);
  expect(testContext({ awsRequestId: "a", functionName: "pay" })).toMatchObject({
    awsRequestId: "a",
    functionName: "pay",
  });
});

test("a context has a remaining time, which runs out by the clock and can be set", () => {
  const clock = testClock();
  const context = testContext({ clock, remainingMs: 3_000 });
  clock.advance(1_000);
  expect(context.getRemainingTimeInMillis()).toBe(2_000);
  context.setRemainingTime(500);
  clock.advance(200);
  expect(context.getRemainingTimeInMillis()).toBe(300);
  clock.advance(400);
  expect(context.getRemainingTimeInMillis()).toBe(0);
  expect(testContext().getRemainingTimeInMillis()).toBe(30_000);
});

test("a context has no callbacks, as on Node.js 24", () => {
  expect(() => testContext().done()).toThrow("Return the result");
});
