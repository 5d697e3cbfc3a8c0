import { describe, expect, test } from "@jest/globals";
import {
  CommitError,
  CommitRefused,
  ConfigurationError,
  IdempotencyError,
  isCommitRefused,
  RecordError,
  refusalFrom,
  StepError,
  StepInterrupted,
  StoreError,
} from "../lib/errors.ts";

const CAUSE = new Error("the network is down");

describe("an error is recognised by its name and code, and says whether a retry may help:", () => {
  test.each<[string, IdempotencyError, string, number, boolean]>([
    ["IdempotencyConfigurationError", new ConfigurationError("m"), "configuration", 500, false],
    ["IdempotencyStoreError", new StoreError("m", CAUSE), "store_unavailable", 503, true],
    ["IdempotencyCommitRefused", new CommitRefused(0, undefined), "commit_refused", 500, false],
    ["IdempotencyCommitError", new CommitError("m"), "commit_invalid", 500, false],
    ["IdempotencyStepError", new StepError("m"), "step_invalid", 500, false],
    ["IdempotencyStepInterrupted", new StepInterrupted(), "step_interrupted", 503, true],
    ["IdempotencyRecordError", new RecordError("m"), "record_unreadable", 500, false],
  ])("%s", (name, error, code, statusCode, retryable) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, statusCode, retryable });
  });

  test("the base of all of them", () => {
    const error = new IdempotencyError("m", { code: "c", statusCode: 418, retryable: true });
    expect(error).toMatchObject({ name: "IdempotencyError", message: "m", code: "c" });
  });
});

test("an error has the cause that was given, and no cause where none was", () => {
  expect(new StoreError("m", CAUSE).cause).toBe(CAUSE);
  expect(new CommitError("m", CAUSE).cause).toBe(CAUSE);
  expect(new CommitError("m")).not.toHaveProperty("cause");
});

test("a refused commit names the write, and has the item in the way", () => {
  const error = new CommitRefused(2, { id: "account-1" });
  expect(error.message).toBe(
    "The condition of write 2 failed, so nothing was committed. Catch this error (IdempotencyCommitRefused) and answer what it means.",
  );
  expect(error).toMatchObject({
    index: 2,
    reason: "ConditionalCheckFailed",
    item: { id: "account-1" },
  });
});

describe("isCommitRefused", () => {
  test("knows the error, also that of another copy of the package", () => {
    expect(isCommitRefused(new CommitRefused(0, undefined))).toBe(true);
    const foreign = Object.assign(new Error("m"), { name: "IdempotencyCommitRefused", index: 0 });
    expect(isCommitRefused(foreign)).toBe(true);
  });

  test.each([
    [new CommitError("m")],
    [new Error("IdempotencyCommitRefused")],
    ["IdempotencyCommitRefused"],
    [{ code: "commit_refused" }],
    [undefined],
    [null],
  ])("knows that %p is another error", (error) => {
    expect(isCommitRefused(error)).toBe(false);
  });
});

test("an interrupted step says that this execution is over", () => {
  expect(new StepInterrupted().message).toBe(
    "The step could not be recorded, so this execution of the request is over.",
  );
});

describe("what a client is told about a failure of the store", () => {
  test.each<[string, unknown, string]>([
    ["a record that cannot be read", new RecordError("m"), "record_unreadable"],
    ["a store that does not answer", new StoreError("m", CAUSE), "store_unavailable"],
    ["a store that fails without a cause", new StoreError("m", undefined), "store_unavailable"],
    ["anything unforeseen", new TypeError("m"), "store_unavailable"],
  ])("%s, with the error for the log", (_name, error, code) => {
    expect(refusalFrom(error)).toEqual({ code, cause: error });
  });

  test("a commit on this very record, which is a request in flight", () => {
    const conflict = new StoreError("m", CAUSE, "conflict");
    expect(refusalFrom(conflict)).toEqual({ code: "request_in_flight" });
    const told = Object.assign(new Error("m"), { name: "TransactionConflictException" });
    expect(refusalFrom(new StoreError("m", told))).toEqual({ code: "request_in_flight" });
  });

  test("a deployment that cannot work, which no retry mends: the error itself", () => {
    const error = new ConfigurationError("m");
    expect(() => refusalFrom(error)).toThrow(error);
  });

  test("anything else that is thrown, nothing at all among it, which fails closed", () => {
    for (const thrown of [undefined, null, "text", 7]) {
      expect(refusalFrom(thrown)).toEqual({ code: "store_unavailable", cause: thrown });
    }
  });
});
