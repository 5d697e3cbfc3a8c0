import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  checkKeptText,
  MOST_KEPT_BYTES,
  refuseAuthorizer,
  writeKeptText,
} from "../../../lib/http/surface/kept-request.ts";
import { memoryStore, orzcash } from "../../../lib/index.ts";
import type { KeptMembers } from "../../../lib/settings/kept-members.ts";
import { resolveSettings } from "../../../lib/settings/settings.ts";
import { httpApiEvent, restApiEvent } from "../../support/events.ts";

const RECORD = { recordId: "id-1", fingerprint: "f-1" };
const REQUEST = { ...RECORD, tenant: "alice" };

function settings(secret?: string, keptEvent?: KeptMembers) {
  const options = { store: memoryStore(), singleTenant: true, profile: orzcash() } as const;
  return resolveSettings({
    ...options,
    ...(secret && { secret }),
    ...(keptEvent && { keptEvent }),
  });
}

function keep(
  event: unknown,
  secret?: string,
  request: Parameters<typeof writeKeptText>[2] = REQUEST,
) {
  const { text } = writeKeptText(settings(secret), event, request);
  if (text === undefined) throw new Error("the event is too large");
  return { text, event: JSON.parse(text).event };
}

/** A kept text with other members. */
const changed = (text: string, changes: object) =>
  JSON.stringify({ ...JSON.parse(text), ...changes });

describe.each([undefined, "pepper"])("with the secret %s", (secret) => {
  test("an event comes back with its tenant", () => {
    const { text, event } = keep(restApiEvent({ path: "/a" }), secret);
    const checked = checkKeptText(settings(secret), event, { ...RECORD, text });
    expect(checked).toEqual({ tenant: "alice" });
  });

  test("a function with a single tenant gets none", () => {
    const { text, event } = keep(httpApiEvent(), secret, { ...RECORD, tenant: undefined });
    expect(checkKeptText(settings(secret), event, { ...RECORD, text })).toEqual({
      tenant: undefined,
    });
  });

  test("any body, path and tenant come back unchanged", () => {
    const anyText = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(anyText, anyText, anyText, (body, id, tenant) => {
        const event = { ...httpApiEvent({ body }), pathParameters: { [id]: id, __proto__: id } };
        const { text, event: kept } = keep(event, secret, { ...RECORD, tenant });
        const sent = JSON.parse(JSON.stringify(kept));
        expect(checkKeptText(settings(secret), sent, { ...RECORD, text })).toEqual({ tenant });
      }),
    );
  });

  test.each<[string, object, object]>([
    ["an event changed in the table", { event: httpApiEvent({ body: '{"amountMinor":1}' }) }, {}],
    ["an event with a planted header", { event: { ...httpApiEvent(), headers: { role: "" } } }, {}],
    ["another tenant", { tenant: "mallory" }, {}],
    ["no tenant", { tenant: undefined }, {}],
    ["another digest", { digest: "x".repeat(43) }, {}],
    ["a shorter digest", { digest: "" }, {}],
    ["the text of another record", {}, { recordId: "id-2" }],
    ["the text of another request under the key", {}, { fingerprint: "f-2" }],
    ["a text without a digest", { digest: undefined }, {}],
  ])("%s is refused", (_name, changes, record) => {
    const { text, event } = keep(httpApiEvent(), secret);
    const sent = { ...RECORD, ...record, text: changed(text, changes) };
    const arrived = "event" in changes ? changes.event : event;
    expect(checkKeptText(settings(secret), arrived, sent)).toEqual({
      fault: expect.stringMatching(
        /^its event is not the event that was kept.*Nothing was executed/,
      ),
    });
  });
});

test.each([
  ["none", undefined, "pepper"],
  ["another one", "salt", "pepper"],
  ["one that was removed", "pepper", undefined],
])("an event kept under %s in place of the present secret is refused", (_name, before, now) => {
  const { text, event } = keep(httpApiEvent(), before);
  expect(checkKeptText(settings(now), event, { ...RECORD, text })).toEqual({
    fault: expect.stringContaining("deploy the former secret"),
  });
});

test("an event that arrives otherwise than it was kept is refused", () => {
  const { text, event } = keep(httpApiEvent());
  for (const arrived of [
    { ...event, body: "{}" },
    { ...event, pathParameters: { id: "1" } },
    { ...event, headers: { "content-type": "text/plain" } },
  ]) {
    expect(checkKeptText(settings(), arrived, { ...RECORD, text })).toEqual({
      fault: expect.stringContaining("a middleware in front"),
    });
  }
});

test("members that a middleware in front adds again do not count", () => {
  const { text, event } = keep(httpApiEvent({ body: '{"a":1}' }));
  const parsed = { ...event, rawBody: event.body, body: { a: 1 }, queryStringParameters: {} };
  expect(checkKeptText(settings(), parsed, { ...RECORD, text })).toEqual({ tenant: "alice" });
});

test("the option may name other members than it did when the event was kept", () => {
  const named = settings(undefined, { headers: ["x-a", "x-b"] });
  const event = httpApiEvent({ headers: { "x-a": "1", "x-c": "3" } });
  const { text = "" } = writeKeptText(named, event, REQUEST);
  for (const headers of [["x-a"], [], ["x-c"]]) {
    const later = settings(undefined, { headers });
    const checked = checkKeptText(later, JSON.parse(text).event, { ...RECORD, text });
    expect(checked).toEqual({ tenant: "alice" });
  }
});

describe("a text of", () => {
  const sized = (bytes: number) => {
    const least = writeKeptText(settings(), httpApiEvent({ body: "" }), REQUEST).text ?? "";
    return httpApiEvent({ body: "x".repeat(bytes - least.length) });
  };

  test("100,000 bytes is kept", () => {
    expect(keep(sized(100_000)).text).toHaveLength(100_000);
    expect(MOST_KEPT_BYTES).toBe(100_000);
  });

  test("more bytes is not kept, and its size is known", () => {
    const kept = writeKeptText(settings(), sized(100_001), REQUEST);
    expect(kept).toEqual({ text: undefined, bytes: 100_001 });
  });

  test("more bytes than characters is measured in bytes", () => {
    const kept = writeKeptText(settings(), httpApiEvent({ body: "é".repeat(50_000) }), REQUEST);
    expect(kept.text).toBeUndefined();
  });
});

test.each<[string, unknown, string]>([
  ["a BigInt", 7n, "BigInt"],
  ["a circle", undefined, "circular"],
])("a named member with %s in it, which has no JSON text, is refused", (name, value, reason) => {
  const authorizer: Record<string, unknown> = { value };
  if (name === "a circle") authorizer.value = authorizer;
  const event = { ...httpApiEvent(), requestContext: { authorizer } };
  expect(() =>
    writeKeptText(settings(undefined, { authorizer: ["/value"] }), event, REQUEST),
  ).toThrow(
    expect.objectContaining({
      name: "IdempotencyConfigurationError",
      message: expect.stringMatching(new RegExp(`cannot be kept for the completer.*${reason}`)),
    }),
  );
});

describe("the authorizer's part of a kept event", () => {
  test("cannot be read where it was not kept, so that no handler finds its request unauthenticated", () => {
    const event = httpApiEvent() as { requestContext: { authorizer?: unknown } };
    refuseAuthorizer(event);
    expect(() => event.requestContext.authorizer).toThrow("context.idempotency.tenant");
    expect(JSON.stringify(event)).not.toContain("authorizer");
  });

  test("can be read where it was kept", () => {
    const event = { requestContext: { authorizer: { a: 1 } } };
    refuseAuthorizer(event);
    expect(event.requestContext.authorizer).toEqual({ a: 1 });
  });

  test.each([[{}], [{ requestContext: null }], [{ requestContext: Object.freeze({}) }]])(
    "is left alone in %j",
    (event) => {
      expect(() => refuseAuthorizer(event)).not.toThrow();
    },
  );
});
