import { describe, expect, test } from "@jest/globals";
import { callError } from "../../lib/dynamodb/call-error.ts";
import { RecordError } from "../../lib/errors.ts";
import { RECORDS } from "../support/table.ts";

const named = (name: string, message = "because") => Object.assign(new Error(message), { name });
const explained = (cause: unknown, client: object = {}) =>
  callError({ layout: RECORDS, client }, cause);

describe("a call that failed is explained", () => {
  test.each<[string, object, string]>([
    [
      "a Region and an endpoint that a client tells",
      {
        region: async () => "r",
        endpoint: async () => ({ protocol: "http:", hostname: "h", port: 8 }),
      },
      " in r (http://h:8)",
    ],
    [
      "an endpoint without a port",
      { endpoint: async () => ({ protocol: "https:", hostname: "h" }) },
      " (https://h)",
    ],
    ["a Region that is a text", { region: "r" }, " in r"],
    ["nothing that a client tells", {}, ""],
    [
      "a Region that cannot be found out",
      { region: () => Promise.reject(new Error("no Region")) },
      "",
    ],
  ])("with %s", async (_name, config, where) => {
    const error = await explained(named("ResourceNotFoundException"), { config });
    expect(error).toMatchObject({ name: "IdempotencyConfigurationError", statusCode: 500 });
    expect(error.message).toContain(`the table "records"${where}: ResourceNotFoundException`);
  });

  test("by a missing permission, with the method that grants it", async () => {
    const error = await explained(named("AccessDeniedException", "not authorized"));
    expect(error).toMatchObject({ name: "IdempotencyConfigurationError", retryable: false });
    expect(error.message).toContain("not authorized. Grant it: IdempotencyTable.grantClaims(fn)");
  });

  test("by a missing Region, which no retry mends", async () => {
    const error = await explained(new Error("Region is missing"));
    expect(error).toMatchObject({ name: "IdempotencyConfigurationError", retryable: false });
    expect(error.message).toContain(
      'a request to the table "records" could not be sent: Region is missing. Give the client a Region',
    );
  });

  test("by the key of an index that records have as another type", async () => {
    const message =
      "One or more parameter values were invalid: Type mismatch for Index Key function Expected: N Actual: S IndexName: other";
    const error = await explained(named("ValidationException", message));
    expect(error.message).toContain('The index of IdempotencyTable has "function", a string');
    expect(error.message).not.toContain("keyAttributes");
  });

  test("by DynamoDB's refusal, and not as silence", async () => {
    const cause = named("ExpiredTokenException", "The security token has expired");
    const answered = Object.assign(cause, { $metadata: { httpStatusCode: 400 } });
    expect((await explained(answered)).message).toContain("did not carry the request out: Expired");
    expect((await explained(named("TimeoutError"))).message).toContain("did not answer: Timeout");
  });

  test("by a record that DynamoDB refuses as invalid", async () => {
    const cause = named(
      "ValidationException",
      "An operand in the update expression has an incorrect data type.",
    );
    expect(await explained(cause)).toMatchObject({ code: "record_unreadable" });
  });

  test("by a record that could not be read, as it was", async () => {
    const error = new RecordError("m");
    expect(await explained(error)).toBe(error);
  });

  test.each([undefined, null, "text", 7])(
    "even if the thrown value is no error: %p",
    async (thrown) => {
      const error = await explained(thrown);
      expect(error).toMatchObject({ name: "IdempotencyStoreError", failure: "unanswered" });
      expect(error.message).toContain(String(thrown));
    },
  );
});
