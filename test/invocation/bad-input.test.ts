import { describe, expect, test } from "@jest/globals";
import { httpApiEvent, restApiEvent } from "../support/events.ts";
import { createTransfer, problemOf, serviceOf } from "../support/service.ts";

describe("a malformed key is refused with 400 and the reason:", () => {
  test.each([
    ["empty", "", "it is empty"],
    ["an empty string", '""', "it is empty"],
    ["256 characters", "k".repeat(256), "it has 256 characters; the maximum is 255"],
    ["256 quoted characters", `"${"k".repeat(256)}"`, "it has 256 characters"],
    ["a control character", "a\u0007b", "other than visible ASCII"],
    ["a space", "a b", "other than visible ASCII"],
    ["not ASCII", "schlüssel", "other than visible ASCII"],
    ["two keys joined by a comma", "a, b", "neither a bare key"],
    ["two strings joined by a comma", '"a", "b"', "neither a bare key"],
    ["a string with parameters", '"a";v=1', "neither a bare key"],
    ["a token with parameters", "a;v=1", "neither a bare key"],
    ["a string that does not end", '"a', "neither a bare key"],
    ["a string that does not begin", 'a"', "neither a bare key"],
    ["an unknown escape", '"a\\n"', "neither a bare key"],
  ])("%s", async (_name, key, reason) => {
    const { call, runs, observed } = serviceOf(createTransfer);
    const refused = await call(httpApiEvent({ headers: { "idempotency-key": key } }));
    expect(refused.statusCode).toBe(400);
    expect(refused.headers).toMatchObject({
      "content-type": "application/problem+json",
      "x-should-retry": "false",
    });
    expect(problemOf(refused)).toMatchObject({ code: "key_malformed", status: 400 });
    expect(problemOf(refused).message).toContain(reason);
    expect(runs()).toBe(0);
    expect(observed.map(({ kind }) => kind)).toEqual(["refused"]);
  });

  test("two headers", async () => {
    const { call, runs } = serviceOf(createTransfer);
    const event = restApiEvent({});
    const twice = { ...event.multiValueHeaders, "Idempotency-Key": ["a", "b"] };
    const refused = await call({ ...event, multiValueHeaders: twice });
    expect(problemOf(refused).message).toContain("it was sent 2 times");
    expect(runs()).toBe(0);
  });

  test("the longest key is accepted: 255 characters", async () => {
    const { call } = serviceOf(createTransfer);
    expect((await call(httpApiEvent({ key: "k".repeat(255) }))).statusCode).toBe(201);
  });
});

describe("requests with an odd body are told apart:", () => {
  const deep = `${"[".repeat(10_000)}1${"]".repeat(10_000)}`;
  test.each<[string, string | Uint8Array, string | Uint8Array]>([
    ["not JSON", '{"amount":', '{"amount": '],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), new Uint8Array([0x22, 0xfe, 0x22])],
    ["nested 10,000 deep", deep, deep.replace("1", "2")],
    ["10 MB", `"${"x".repeat(10_000_000)}"`, `"${"x".repeat(10_000_000)}y"`],
    ["different beyond 2^53", '{"a":9007199254740993}', '{"a":9007199254740992}'],
    ["with __proto__", '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ["with one member twice", '{"a":1,"a":2}', '{"a":2,"a":2}'],
  ])("%s", async (_name, body, other) => {
    const { call, runs } = serviceOf(createTransfer);
    await call(httpApiEvent({ key: "k", body }));
    expect((await call(httpApiEvent({ key: "k", body }))).statusCode).toBe(201);
    expect((await call(httpApiEvent({ key: "k", body: other }))).statusCode).toBe(422);
    expect(runs()).toBe(1);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});
