import type { Context } from "aws-lambda";
import type { Clock } from "../protocol/clock.ts";
import { ACCOUNT, nextId, REGION } from "./events/places.ts";

/** The properties of an invocation, for {@link testContext}. */
export interface TestContextOptions {
  /**
   * The clock by which the remaining time runs out. Give it the clock of the layer.
   * @default none: the remaining time stands still
   */
  readonly clock?: Pick<Clock, "now"> | undefined;
  /**
   * Milliseconds until Lambda ends the invocation. A lease lasts as long, and `leaseMarginMs` more.
   * @default 30000
   */
  readonly remainingMs?: number | undefined;
  /** @default "test-function" */
  readonly functionName?: string | undefined;
  /**
   * The id of the invocation.
   * @default another one for each context
   */
  readonly awsRequestId?: string | undefined;
}

/** Lambda's context of one invocation, with a remaining time that a test may set. */
export interface TestContext extends Context {
  /** Sets the milliseconds that are left from now on. */
  setRemainingTime(remainingMs: number): void;
}

/**
 * Creates Lambda's context of one invocation. Give each invocation one of its own, because Lambda does: its
 * request id is in the name of the owner of a claim.
 *
 * @example
 * const response = await handler(event, testContext({ clock, remainingMs: 3_000 }));
 */
export function testContext(options: TestContextOptions = {}): TestContext {
  const { clock, functionName = "test-function" } = options;
  const now = () => clock?.now() ?? 0;
  const endAfter = (remainingMs: number) => now() + remainingMs;
  let endsAtMs = endAfter(options.remainingMs ?? 30_000);
  return {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
    memoryLimitInMB: "128",
    awsRequestId: options.awsRequestId ?? nextId(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - now()),
    setRemainingTime(remainingMs) {
      endsAtMs = endAfter(remainingMs);
    },
    done: refuseCallback,
    fail: refuseCallback,
    succeed: refuseCallback,
  };
}

/** Node.js 24 on Lambda has no callbacks. */
function refuseCallback(): never {
  throw new Error("Return the result: Lambda's runtimes from Node.js 24 on have no callbacks.");
}
