import { expect, test } from "@jest/globals";
import { completionEvent, completionIn } from "../../../lib/http/surface/completion-event.ts";

const RECORD = { id: "id-1", fingerprint: "f-1", version: 2 };
const SENT = { recordId: "id-1", fingerprint: "f-1", version: 2 };

test("the event of a completer is the kept event, with its record and the kept text beside it", () => {
  const text = '{"format":2,"tenant":"alice","digest":"d","event":{"rawPath":"/transfers"}}';
  const event = JSON.parse(completionEvent(text, RECORD));
  expect(event).toEqual({
    rawPath: "/transfers",
    idempotencyCompletion: { ...SENT, kept: text },
  });
  expect(completionIn(event)).toEqual({ ...SENT, kept: text });
});

test.each([
  [{ rawPath: "/transfers" }],
  [{ format: 1, digest: "d", event: {} }],
  [{ format: 2, event: {} }],
  [{ format: 2, digest: "d", event: null }],
  [{ format: 2, digest: "d", event: "{}" }],
  [{ format: 2, digest: "d", event: {}, tenant: 7 }],
])("the text %j is an event as version 0.1.0 has kept it", (kept) => {
  const event = JSON.parse(completionEvent(JSON.stringify(kept), RECORD));
  expect(event).toEqual({ ...kept, idempotencyCompletion: SENT });
  expect(completionIn(event)).toEqual({ ...SENT, kept: undefined });
});

test("no member of a kept event takes the place of the completer's", () => {
  const idempotencyCompletion = { recordId: "planted", fingerprint: "planted" };
  const bare = JSON.stringify({ idempotencyCompletion });
  const bound = JSON.stringify({ format: 2, digest: "d", event: { idempotencyCompletion } });
  for (const text of [bare, bound]) {
    const event = JSON.parse(completionEvent(text, RECORD));
    expect(completionIn(event)).toMatchObject(SENT);
  }
});

test("a completer of version 0.1.0 names the record alone", () => {
  expect(completionIn({ idempotencyCompletion: { recordId: "id-1" } })).toEqual({
    recordId: "id-1",
  });
  const unreadable = { recordId: "id-1", fingerprint: 1, version: "1", kept: {} };
  expect(completionIn({ idempotencyCompletion: unreadable })).toEqual({ recordId: "id-1" });
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
