import { expect, test } from "@jest/globals";
import { readFailedMessages } from "../../local/queue/mapping/batch-response.ts";

const IDS = ["a", "b", "c"];
const NONE = new Set();

function read(
  payload: string,
  { outcome = "returned" as "returned" | "failed", reports = true } = {},
) {
  return readFailedMessages(IDS, { outcome, payload }, reports);
}
const failures = (...batchItemFailures: unknown[]) => JSON.stringify({ batchItemFailures });

test("the named messages failed, and no others", () => {
  expect(read(failures({ itemIdentifier: "a" }, { itemIdentifier: "c" }))).toEqual(
    new Set(["a", "c"]),
  );
});

test.each([
  ["an empty list", failures()],
  ["a list that is null", '{"batchItemFailures":null}'],
  ["an empty response", "{}"],
  ["a response of other members", '{"statusCode":200}'],
  ["a response that is null", "null"],
  ["no response", ""],
])("%s is a success of the whole batch", (_name, payload) => {
  expect(read(payload)).toEqual(NONE);
});

test.each([
  ["an unknown identifier", failures({ itemIdentifier: "a" }, { itemIdentifier: "x" })],
  ["an empty identifier", failures({ itemIdentifier: "" })],
  ["an identifier that is null", failures({ itemIdentifier: null })],
  ["an identifier under another name", failures({ messageId: "a" })],
  ["an identifier without an object", failures("a")],
  ["a failure that is null", failures(null)],
  ["a list that is none", '{"batchItemFailures":"a"}'],
  ["an invalid JSON text", "{"],
  ["a text", '"done"'],
  ["a list instead of an object", "[]"],
])("%s is a failure of the whole batch", (_name, payload) => {
  expect(read(payload)).toBe("all");
});

test("a function that throws fails the whole batch", () => {
  expect(read(failures(), { outcome: "failed" })).toBe("all");
  expect(read(failures(), { outcome: "failed", reports: false })).toBe("all");
});

test("without the response type no response is read", () => {
  expect(read(failures({ itemIdentifier: "a" }), { reports: false })).toEqual(NONE);
});
