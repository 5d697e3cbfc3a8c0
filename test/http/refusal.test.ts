import { describe, expect, test } from "@jest/globals";
import type { RefusalCode } from "../../lib/errors.ts";
import type { KeySource } from "../../lib/http/idempotency-key.ts";
import { problemEnvelope } from "../../lib/http/problem.ts";
import { type RefusalRules, WORDINGS, wordRefusal } from "../../lib/http/refusal.ts";

const DOCUMENTATION_URL = "https://api.example/docs/idempotency";

/** The advice of a refusal to the client. */
type Advice = "retry" | "do not retry";

const TABLE: [RefusalCode, number, Advice][] = [
  ["key_missing", 400, "do not retry"],
  ["key_malformed", 400, "do not retry"],
  ["request_in_flight", 409, "retry"],
  ["claim_lost", 409, "retry"],
  ["request_interrupted", 409, "do not retry"],
  ["outcome_unknown", 409, "do not retry"],
  ["already_completed", 409, "do not retry"],
  ["payload_mismatch", 422, "do not retry"],
  ["store_unavailable", 503, "retry"],
  ["commit_collided", 503, "retry"],
  ["outcome_not_recorded", 503, "retry"],
  ["record_unreadable", 500, "do not retry"],
];

const RULES: RefusalRules = {
  keyFrom: [{ header: "Idempotency-Key" }],
  refusals: {},
  documentationUrl: undefined,
};

const refuse = (code: RefusalCode, documentationUrl?: string) =>
  problemEnvelope(wordRefusal({ code }, { ...RULES, documentationUrl }));

describe.each(TABLE)("the refusal %s", (code, status, advice) => {
  const { statusCode, headers, body } = refuse(code);
  const problem = JSON.parse(body);

  test(`is a problem with status ${status}`, () => {
    expect(statusCode).toBe(status);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(problem).toMatchObject({
      type: expect.any(String),
      title: expect.stringMatching(/\w/),
      status,
      detail: expect.stringMatching(/\w.*\.$/),
    });
  });

  test("repeats its detail as a message, the only member that some clients show", () => {
    expect(problem.message).toBe(problem.detail);
  });

  test("neither denies an effect nor advises another key for the same work", () => {
    expect(problem.detail).not.toMatch(/nothing was|not executed now|nothing takes|another key,/i);
    expect(problem.detail).not.toMatch(/(key|one) of (its|your) own|(other|new|different) key/i);
  });

  test("has an error member, without which some clients take it for a success", () => {
    expect(problem.error).toEqual({
      type: "idempotency_error",
      code,
      message: problem.detail,
      status,
      details: {},
    });
  });

  test(`advises: ${advice}`, () => {
    const shouldRetry = { retryAfter: expect.stringMatching(/^[1-9]\d*$/) };
    const shouldNot = { stripe: "false", x: "false" };
    expect({
      retryAfter: headers["retry-after"],
      stripe: headers["stripe-should-retry"],
      x: headers["x-should-retry"],
    }).toEqual(advice === "retry" ? shouldRetry : shouldNot);
  });

  test("links to the documentation, where there is one", () => {
    const documented = refuse(code, DOCUMENTATION_URL);
    expect(documented.headers.link).toBe(`<${DOCUMENTATION_URL}>; rel="describedby"`);
    expect(JSON.parse(documented.body).type).toBe(DOCUMENTATION_URL);
    expect(headers).not.toHaveProperty("link");
    expect(problem.type).toBe("about:blank");
  });
});

describe("the words of a refusal", () => {
  test.each([
    ["key_missing", "Idempotency-Key is missing"],
    ["payload_mismatch", "Idempotency-Key is already used"],
    ["request_in_flight", "A request is outstanding for this Idempotency-Key"],
  ] as const)("of %s are the draft's: %s", (code, title) => {
    expect(wordRefusal({ code }, RULES).title).toBe(title);
  });

  test("end with the fault of this request", () => {
    const { message } = wordRefusal(
      { code: "key_malformed", detail: "The key is refused because it is empty." },
      RULES,
    );
    expect(message).toMatch(/\. The key is refused because it is empty\.$/);
  });

  test("never reveal the internal cause", () => {
    const cause = new Error("AccessDenied: arn:aws:iam::123456789012:role/secret");
    const refusal = wordRefusal({ code: "store_unavailable", cause }, RULES);
    const { body, headers } = problemEnvelope(refusal);
    expect(body + JSON.stringify(headers)).not.toMatch(/AccessDenied|123456789012/);
  });

  test("can be replaced by a profile, one by one", () => {
    const refusals = { request_in_flight: { status: 503, retryAfterSeconds: 7 } };
    const { statusCode, headers, body } = problemEnvelope(
      wordRefusal({ code: "request_in_flight" }, { ...RULES, refusals }),
    );
    expect(statusCode).toBe(503);
    expect(headers["retry-after"]).toBe("7");
    expect(JSON.parse(body)).toMatchObject({
      title: "A request is outstanding for this Idempotency-Key",
      status: 503,
      error: { code: "request_in_flight", status: 503 },
    });
    expect(refuse("payload_mismatch").statusCode).toBe(422);
  });

  test.each<[KeySource[], string, string]>([
    [[{ header: "X-Request-Id" }], "X-Request-Id", "the X-Request-Id header"],
    [[{ pointer: "/Idem" }], '"/Idem"', `the body's member "/Idem"`],
    [[{ pointers: ["/a", "/b"] }], '"/a" with "/b"', `the body's members "/a" and "/b"`],
    [[{ path: "id" }], 'path parameter "id"', 'the path parameter "id"'],
    [[{ query: "rid" }], 'query parameter "rid"', 'the query parameter "rid"'],
    [
      [{ header: "Idempotency-Key" }, { pointer: "/idempotencyKey" }],
      'Idempotency-Key or "/idempotencyKey"',
      `the Idempotency-Key header or the body's member "/idempotencyKey"`,
    ],
  ])("name the key that the profile reads: %j", (keyFrom, name, place) => {
    const worded = Object.keys(WORDINGS).map((code) =>
      wordRefusal({ code: code as RefusalCode }, { ...RULES, keyFrom }),
    );
    const texts = worded.map(({ title, message }) => `${title} ${message}`).join(" ");
    expect(texts).not.toMatch(/[{}]/);
    expect(texts.replaceAll(name, "").replaceAll(place, "")).not.toMatch(/Idempotency-Key/);
    const [missing] = worded;
    expect(missing).toMatchObject({ title: `${name} is missing` });
    expect(missing?.message).toContain(`requires ${place}.`);
  });

  test("may name the key where a profile brings its own", () => {
    const refusals = { key_missing: { title: "no {key}", message: "send {place}" } };
    expect(wordRefusal({ code: "key_missing" }, { ...RULES, refusals })).toMatchObject({
      title: "no Idempotency-Key",
      message: "send the Idempotency-Key header",
    });
  });

  test("keep a key's name that has a meaning in a replacement", () => {
    const keyFrom = [{ header: "$&" }];
    const { title } = wordRefusal({ code: "key_missing" }, { ...RULES, keyFrom });
    expect(title).toBe("$& is missing");
  });

  test.each([
    ["the rest of a lease, begun seconds counted", 12_001, 13],
    ["a second at least", 1, 1],
  ])("give the time of a retry, if it is known: %s", (_case, retryAfterMs, seconds) => {
    const refusal = { code: "request_in_flight", retryAfterMs } as const;
    expect(wordRefusal(refusal, RULES).retryAfterSeconds).toBe(seconds);
  });

  test("stay final, if a profile rules out a retry", () => {
    const refusals = { request_in_flight: { retryAfterSeconds: undefined } };
    const refusal = { code: "request_in_flight", retryAfterMs: 12_000 } as const;
    expect(wordRefusal(refusal, { ...RULES, refusals }).retryAfterSeconds).toBeUndefined();
  });
});
