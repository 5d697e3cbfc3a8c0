import { describe, expect, test } from "@jest/globals";
import { isRefusedForNow, judgeFailure } from "../../lib/dynamodb/failure.ts";

const named = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error("m"), { name, $metadata: { httpStatusCode } });

describe("the error of a call means", () => {
  test.each([
    "TransactionConflictException",
    "TransactionInProgressException",
    "ReplicatedWriteConflictException",
  ])("with %s that another write is under way, and nothing was done", (name) => {
    expect(judgeFailure(named(name, 400))).toBe("conflict");
    expect(isRefusedForNow(name)).toBe(true);
  });

  test.each([
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "LimitExceededException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "SlowDown",
  ])("with %s that there is no capacity, and nothing was done", (name) => {
    expect(judgeFailure(named(name, 400))).toBe("throttled");
    expect(isRefusedForNow(name)).toBe(true);
  });

  test.each([
    "InternalServerError",
    "InternalServerErrorException",
    "InternalFailure",
    "InternalError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
  ])("with %s that DynamoDB has failed, and the effect is unknown", (name) => {
    expect(judgeFailure(named(name))).toBe("failed");
    expect(isRefusedForNow(name)).toBe(false);
  });

  test.each<[unknown, string]>([
    [named("Unheard", 429), "throttled"],
    [named("Unheard", 500), "failed"],
    [named("Unheard", 503), "failed"],
    [named("Unheard", 400), "unanswered"],
    [named("TimeoutError"), "unanswered"],
    [new Error("ECONNRESET"), "unanswered"],
    [undefined, "unanswered"],
    [null, "unanswered"],
    ["a text", "unanswered"],
  ])("with %p: %s", (error, failure) => {
    expect(judgeFailure(error)).toBe(failure);
  });
});
