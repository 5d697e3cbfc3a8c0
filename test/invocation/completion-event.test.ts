import { expect, test } from "@jest/globals";
import { completionEvent, completionIn } from "../../lib/invocation/completion-event.ts";

test("the event of a completer holds the id of its record", () => {
  const event = JSON.parse(completionEvent('{"rawPath":"/transfers"}', "id-1"));
  expect(event).toEqual({ rawPath: "/transfers", idempotencyCompletion: { recordId: "id-1" } });
  expect(completionIn(event)).toEqual({ recordId: "id-1" });
});

test.each([
  [{}],
  [{ idempotencyCompletion: null }],
  [{ idempotencyCompletion: "id-1" }],
  [{ idempotencyCompletion: {} }],
  [{ idempotencyCompletion: { recordId: "" } }],
  [{ idempotencyCompletion: { recordId: 1 } }],
])("the event %j is not taken for a completer's", (event) => {
  expect(completionIn(event)).toBeUndefined();
});
