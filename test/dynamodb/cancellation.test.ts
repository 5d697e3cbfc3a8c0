import { describe, expect, test } from "@jest/globals";
import { judgeCancellation } from "../../lib/dynamodb/cancellation.ts";

const ITEM = { id: { S: "a" } };

/** A cancelled transaction; the first reason is the record's, the others the business writes'. */
function cancelled(...codes: (string | undefined)[]): Error {
  const CancellationReasons = codes.map((Code) => ({
    ...(Code !== undefined && { Code }),
    ...(Code === "ConditionalCheckFailed" && { Item: ITEM }),
    Message: `about ${Code}`,
  }));
  return Object.assign(new Error("cancelled"), {
    name: "TransactionCanceledException",
    CancellationReasons,
  });
}

const failed = (name: string) => Object.assign(new Error("because"), { name });

describe("a cancelled transaction is judged by", () => {
  test("the record first: without the claim the business conditions do not matter", () => {
    const error = cancelled(
      "ConditionalCheckFailed",
      "TransactionConflict",
      "ConditionalCheckFailed",
    );
    expect(judgeCancellation(error)).toEqual({ kind: "record", item: ITEM });
  });

  test.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])(
    "%s next, wherever it stands: a repeat tells whether a condition really fails",
    (code) => {
      const collision = { kind: "collision", mayBeApplied: false };
      const third = cancelled("None", "ConditionalCheckFailed", code);
      expect(judgeCancellation(third)).toEqual(collision);
      expect(judgeCancellation(cancelled(code, "None"))).toEqual(collision);
    },
  );

  test("the first business condition that failed, with the item in the way", () => {
    const error = cancelled("None", "None", "ConditionalCheckFailed", "ConditionalCheckFailed");
    expect(judgeCancellation(error)).toEqual({ kind: "business", index: 1, item: ITEM });
  });

  test("a business condition that failed first, and without an item if none was asked for", () => {
    const error = cancelled("None", "ConditionalCheckFailed");
    expect(judgeCancellation(error)).toEqual({ kind: "business", index: 0, item: ITEM });
    const bare = [{ Code: "None" }, { Code: "ConditionalCheckFailed" }];
    expect(judgeCancellation({ ...error, name: error.name, CancellationReasons: bare })).toEqual({
      kind: "business",
      index: 0,
      item: undefined,
    });
  });

  test("all that is told, where several writes are wrong, and nothing where nothing is told", () => {
    const error = cancelled("ValidationError", "None", "ValidationError");
    expect(judgeCancellation(error)).toEqual({
      kind: "invalid",
      message:
        "the record: ValidationError: about ValidationError; write 1: ValidationError: about ValidationError",
    });
    expect(judgeCancellation(cancelled())).toEqual({ kind: "invalid", message: "" });
  });

  test("its name: reasons in any other error say nothing", () => {
    const error = cancelled("ConditionalCheckFailed");
    error.name = "InternalServerError";
    expect(judgeCancellation(error)).toEqual({ kind: "unknown" });
  });

  test.each(["ValidationError", "ItemCollectionSizeLimitExceeded"])(
    "%s, a programmer's error, which names the write",
    (code) => {
      expect(judgeCancellation(cancelled("None", "None", code))).toEqual({
        kind: "invalid",
        message: `write 1: ${code}: about ${code}`,
      });
      expect(judgeCancellation(cancelled(code, "None"))).toEqual({
        kind: "invalid",
        message: `the record: ${code}: about ${code}`,
      });
    },
  );
});

describe("an error of the whole request means", () => {
  test.each([
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionConflictException",
  ])("with %s that it collided: nothing was written, and it is sent again", (name) => {
    expect(judgeCancellation(failed(name))).toEqual({ kind: "collision", mayBeApplied: false });
  });

  test("that an earlier send may be applied, if the SDK has sent it before", () => {
    const second = Object.assign(failed("ThrottlingException"), { $metadata: { attempts: 2 } });
    expect(judgeCancellation(second)).toEqual({ kind: "collision", mayBeApplied: true });
  });

  test("with TransactionInProgressException that it may yet be applied", () => {
    const error = failed("TransactionInProgressException");
    expect(judgeCancellation(error)).toEqual({ kind: "collision", mayBeApplied: true });
  });

  test.each([
    "ValidationException",
    "ResourceNotFoundException",
    "AccessDeniedException",
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
  ])("with %s that it can never be applied", (name) => {
    expect(judgeCancellation(failed(name))).toEqual({
      kind: "invalid",
      message: `${name}: because`,
    });
  });

  test.each(["TimeoutError", "InternalServerError", "ECONNRESET", "TransactionCanceledException"])(
    "with %s that the outcome is unknown",
    (name) => {
      expect(judgeCancellation(failed(name))).toEqual({ kind: "unknown" });
    },
  );
});
