import { expect, test } from "@jest/globals";
import { completionEvent, completionIn } from "../../lib/invocation/completion-event.ts";

test("a stored event carries the id of its record back", () => {
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
])("the event %j comes from no completer", (event) => {
  expect(completionIn(event)).toBeUndefined();
});
