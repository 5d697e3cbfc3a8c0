import { describe, expect, test } from "@jest/globals";
import type { RefusalCode } from "../../lib/errors.ts";
import { problemEnvelope } from "../../lib/http/problem.ts";
import { wordRefusal } from "../../lib/http/refusal.ts";

const DOCUMENTATION_URL = "https://api.example/docs/idempotency";

/** What a client should do about a refusal. */
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

const answer = (code: RefusalCode, documentationUrl?: string) =>
  problemEnvelope(wordRefusal({ code }, {}, documentationUrl));

describe.each(TABLE)("the refusal %s", (code, status, advice) => {
  const { statusCode, headers, body } = answer(code);
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
    const documented = answer(code, DOCUMENTATION_URL);
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
    expect(wordRefusal({ code }, {}, undefined).title).toBe(title);
  });

  test("end with what was wrong with this request", () => {
    const { message } = wordRefusal(
      { code: "key_malformed", detail: "It is refused because it is empty." },
      {},
      undefined,
    );
    expect(message).toMatch(/\. It is refused because it is empty\.$/);
  });

  test("never tell what stood behind it", () => {
    const cause = new Error("AccessDenied: arn:aws:iam::123456789012:role/secret");
    const refusal = wordRefusal({ code: "store_unavailable", cause }, {}, undefined);
    const { body, headers } = problemEnvelope(refusal);
    expect(body + JSON.stringify(headers)).not.toMatch(/AccessDenied|123456789012/);
  });

  test("can be replaced by a profile, one by one", () => {
    const refusals = { request_in_flight: { status: 503, retryAfterSeconds: 7 } };
    const { statusCode, headers, body } = problemEnvelope(
      wordRefusal({ code: "request_in_flight" }, refusals, undefined),
    );
    expect(statusCode).toBe(503);
    expect(headers["retry-after"]).toBe("7");
    expect(JSON.parse(body)).toMatchObject({
      title: "A request is outstanding for this Idempotency-Key",
      status: 503,
      error: { code: "request_in_flight", status: 503 },
    });
    expect(answer("payload_mismatch").statusCode).toBe(422);
  });
});
