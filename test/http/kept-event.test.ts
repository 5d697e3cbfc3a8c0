import { describe, expect, test } from "@jest/globals";
import { keptEvent } from "../../lib/http/kept-event.ts";
import { albEvent, httpApiEvent, restApiEvent, vpcLatticeEvent } from "../support/events.ts";

const KEY_FROM = [{ header: "Idempotency-Key" }, { pointer: "/key" }];
const SECRETS = {
  Authorization: "Bearer secret",
  Cookie: "session=secret",
  "X-Api-Key": "secret",
  "Proxy-Authorization": "secret",
  "X-Amz-Security-Token": "secret",
  "X-Amzn-Oidc-Accesstoken": "secret",
  "X-Amzn-Oidc-Data": "secret",
};
const PARTS = { key: "secret-key", headers: { ...SECRETS, "X-Trace": "kept" } };

describe.each([
  ["an HTTP API", httpApiEvent(PARTS)],
  ["a REST API", restApiEvent(PARTS)],
  ["a load balancer", albEvent(PARTS)],
  ["a load balancer with lists of headers", albEvent(PARTS, true)],
  ["VPC Lattice", vpcLatticeEvent(PARTS)],
])("of the event of %s", (_name, event) => {
  test("neither credentials nor the headers of the key are kept", () => {
    const { text } = keptEvent(event, KEY_FROM);
    expect(text).not.toMatch(/secret/i);
    expect(text).toContain('"kept"');
  });

  test("all other members are kept, so the request can be read again", () => {
    const { headers: _, multiValueHeaders: __, ...rest } = event as Record<string, unknown>;
    expect(JSON.parse(keptEvent(event, KEY_FROM).text ?? "")).toMatchObject(rest);
  });
});

test("cookies and the API key in the request context are not kept; the authorizer's part is", () => {
  const event = {
    ...httpApiEvent(),
    cookies: ["session=secret"],
    requestContext: {
      authorizer: { lambda: { accountHolder: "alice" } },
      identity: { apiKey: "secret", sourceIp: "192.0.2.1" },
    },
  };
  const kept = JSON.parse(keptEvent(event, KEY_FROM).text ?? "");
  expect(kept.cookies).toBeUndefined();
  expect(kept.requestContext).toEqual({
    authorizer: { lambda: { accountHolder: "alice" } },
    identity: { sourceIp: "192.0.2.1" },
  });
});

test("an event without headers and context is kept unchanged", () => {
  expect(keptEvent({ body: "{}", headers: null }, KEY_FROM)).toEqual({ text: '{"body":"{}"}' });
});

test("an event of 100,000 bytes is kept", () => {
  const body = "x".repeat(100_000 - '{"body":""}'.length);
  expect(keptEvent({ body }, KEY_FROM)).toEqual({ text: JSON.stringify({ body }) });
});

test("an event of more than 100,000 bytes is not kept, and its size is reported", () => {
  const event = httpApiEvent({ body: "é".repeat(50_000) });
  expect(keptEvent(event, KEY_FROM)).toEqual({
    text: undefined,
    bytes: Buffer.byteLength(JSON.stringify(event)),
  });
});

test("copies of headers that normalisers in front keep are not kept", () => {
  const event = {
    ...httpApiEvent(PARTS),
    rawHeaders: SECRETS,
    rawMultiValueHeaders: { Authorization: ["secret"] },
  };
  expect(keptEvent(event, KEY_FROM).text).not.toMatch(/secret/i);
});

test.each([
  ["text", '{"a":1}', { body: '{"a":1}', isBase64Encoded: false }],
  ["bytes", Buffer.from('{"a":1}'), { body: btoa('{"a":1}'), isBase64Encoded: true }],
])(
  "a body that a parser has replaced is kept as the %s that arrived",
  (_name, rawBody, expected) => {
    const event = { ...httpApiEvent(), body: { a: 1 }, rawBody };
    const kept = JSON.parse(keptEvent(event, KEY_FROM).text ?? "");
    expect(kept).toMatchObject(expected);
    expect(kept).not.toHaveProperty("rawBody");
  },
);

test.each([null, undefined])(
  "a body that a parser has taken away (%s) is kept as it arrived",
  (body) => {
    const kept = keptEvent({ ...httpApiEvent(), body, rawBody: '{"a":1}' }, KEY_FROM);
    expect(JSON.parse(kept.text ?? "").body).toBe('{"a":1}');
  },
);

test.each<[string, unknown, string]>([
  ["a BigInt", 7n, "BigInt"],
  ["a circle", undefined, "circular"],
])(
  "an event with %s in it, which has no JSON text, is refused with the reason",
  (name, member, reason) => {
    const event: Record<string, unknown> = { ...httpApiEvent(), member };
    if (name === "a circle") event.member = event;
    expect(() => keptEvent(event, KEY_FROM)).toThrow(
      expect.objectContaining({
        name: "IdempotencyConfigurationError",
        message: expect.stringMatching(new RegExp(`cannot be kept for the completer.*${reason}`)),
      }),
    );
  },
);
