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

  test("the base class", () => {
    const error = new IdempotencyError("m", { code: "c", statusCode: 418, retryable: true });
    expect(error).toMatchObject({ name: "IdempotencyError", message: "m", code: "c" });
  });
});

test("an error has the given cause, and no cause without one", () => {
  expect(new StoreError("m", CAUSE).cause).toBe(CAUSE);
  expect(new CommitError("m", CAUSE).cause).toBe(CAUSE);
  expect(new CommitError("m")).not.toHaveProperty("cause");
});

test("a refused commit names the write, and has the item for which the condition failed", () => {
  const error = new CommitRefused(2, { id: "account-1" });
  expect(error.message).toBe(
    "The condition of write 2 failed, so nothing was committed. Catch this error (IdempotencyCommitRefused) and return the response for this case.",
  );
  expect(error).toMatchObject({
    index: 2,
    reason: "ConditionalCheckFailed",
    item: { id: "account-1" },
  });
});

describe("isCommitRefused", () => {
  test("recognises the error, also from another copy of the package", () => {
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
  ])("does not take %p for it", (error) => {
    expect(isCommitRefused(error)).toBe(false);
  });
});

test("an interrupted step says that this execution has ended, and that the error must be rethrown", () => {
  expect(new StepInterrupted().message).toBe(
    "The step could not be recorded, so this execution of the request has ended. Rethrow this error (IdempotencyStepInterrupted): the layer responds to the client, and another execution or a retry resumes the request.",
  );
});

describe("a failure of the store becomes a refusal:", () => {
  test.each<[string, unknown, string]>([
    ["a record that cannot be read", new RecordError("m"), "record_unreadable"],
    ["a store that does not respond", new StoreError("m", CAUSE), "store_unavailable"],
    ["a store that fails without a cause", new StoreError("m", undefined), "store_unavailable"],
    ["an unforeseen error", new TypeError("m"), "store_unavailable"],
  ])("%s, with the error for the log", (_name, error, code) => {
    expect(refusalFrom(error)).toEqual({ code, cause: error });
  });

  test("a conflict on this record, as a request in flight", () => {
    const conflict = new StoreError("m", CAUSE, "conflict");
    expect(refusalFrom(conflict)).toEqual({ code: "request_in_flight" });
    const conflictByCause = Object.assign(new Error("m"), { name: "TransactionConflictException" });
    expect(refusalFrom(new StoreError("m", conflictByCause))).toEqual({
      code: "request_in_flight",
    });
  });

  test("but not a deployment that cannot work, which no retry mends: the error is thrown", () => {
    const error = new ConfigurationError("m");
    expect(() => refusalFrom(error)).toThrow(error);
  });

  test("any other thrown value, also undefined, which fails closed", () => {
    for (const thrown of [undefined, null, "text", 7]) {
      expect(refusalFrom(thrown)).toEqual({ code: "store_unavailable", cause: thrown });
    }
  });
});
