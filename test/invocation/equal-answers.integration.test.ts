import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { dwolla, idempotent, memoryStore } from "../../lib/index.ts";
import { anyText } from "../support/any-text.ts";
import { albEvent, httpApiEvent, type RequestParts, restApiEvent } from "../support/events.ts";
import { type Gateway, type Received, receive } from "../support/gateways.ts";

const EVENTS: Record<Gateway, (request: RequestParts) => unknown> = {
  "http-api": httpApiEvent,
  "rest-api": restApiEvent,
  alb: albEvent,
  "alb-lists": (request) => albEvent(request, true),
};

const GATEWAYS = Object.keys(EVENTS) as Gateway[];
const MARKER = "idempotent-replayed";

/** Headers that are never stored, and headers that a single value cannot hold. */
const NEVER_REPLAYED = ["date", "www-authenticate", "connection"];

const headerName = fc.constantFrom(
  "location",
  "Vary",
  "VARY",
  "x-a",
  "Date",
  "Set-Cookie",
  "Connection",
);
const headerValue = fc.oneof(
  fc.constantFrom("/transfers/1", "a, b", ""),
  fc.integer(),
  fc.boolean(),
);
const headers = fc.dictionary(headerName, headerValue);
const lists = fc.dictionary(headerName, fc.array(headerValue, { maxLength: 3 }));

const response = fc.record(
  {
    statusCode: fc.constantFrom<unknown>(
      200,
      201,
      303,
      404,
      422,
      "201",
      99,
      1000,
      Number.NaN,
      undefined,
    ),
    headers: fc.oneof(headers, fc.constantFrom<unknown>(null, [], { a: ["1"] })),
    multiValueHeaders: lists,
    cookies: fc.array(fc.constantFrom("a=1", "b=2")),
    body: fc.oneof(anyText(), fc.constantFrom<unknown>(null, 7, { a: 1 }, "eyJ9")),
    isBase64Encoded: fc.boolean(),
    toJSON: fc.constantFrom(undefined, () => ({ statusCode: 202, body: "from toJSON" })),
  },
  { requiredKeys: ["statusCode"] },
);

const result: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: response },
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      undefined,
      1n,
      () => {},
      Buffer.from("a"),
      new Response("a"),
      {
        status: 201,
      },
    ),
  },
);

/** The first response as a client receives it, its replay, and the response to a request without a key. */
async function answers(first: Gateway, second: Gateway, value: unknown) {
  let runs = 0;
  const handler = idempotent(
    () => {
      runs += 1;
      return value;
    },
    { store: memoryStore(), singleTenant: true, profile: dwolla(), observe: () => {} },
  );
  const call = async (gateway: Gateway, request: RequestParts) =>
    receive(gateway, await handler(EVENTS[gateway](request), {}));
  const answer = await call(first, { key: "k" });
  const replay = await call(second, { key: "k" });
  expect(runs).toBe(1);
  const keyless = await call(first, {});
  return { answer, replay, keyless };
}

/** The part of a response that its replay keeps: all but the marker, cookies and headers of one moment. */
function kept({ headers, cookies: _, ...rest }: Received, isUnmarked = false) {
  const hopByHop = (headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const dropped = [...NEVER_REPLAYED, ...(isUnmarked ? hopByHop : [])];
  const names = Object.keys(headers).filter((name) => name !== MARKER && !dropped.includes(name));
  return { ...rest, headers: Object.fromEntries(names.map((name) => [name, headers[name]])) };
}

test.each(GATEWAYS.flatMap((first) => GATEWAYS.map((second) => [first, second] as const)))(
  "a client of %s and a client that repeats its request by %s receive the same response",
  async (first, second) => {
    await fc.assert(
      fc.asyncProperty(result, async (value) => {
        const { answer, replay } = await answers(first, second, value);
        expect(replay.headers[MARKER]).toBe("true");
        expect(replay.cookies).toEqual([]);
        expect(kept(replay)).toEqual(kept(answer, true));
      }),
      { numRuns: 100 },
    );
  },
);

/** Whether a gateway reads all of a result's headers in their form. */
function isOfForm(gateway: Gateway, value: unknown): boolean {
  const { headers: single, multiValueHeaders, cookies } = (value ?? {}) as Record<string, unknown>;
  if (gateway === "rest-api") return cookies === undefined;
  if (gateway === "alb-lists") return single === undefined && cookies === undefined;
  return multiValueHeaders === undefined && (gateway === "http-api" || cookies === undefined);
}

test.each(GATEWAYS)(
  "a client of %s receives the same response with and without a key, if the gateway reads the form of the result",
  async (gateway) => {
    await fc.assert(
      fc.asyncProperty(result, async (value) => {
        fc.pre(isOfForm(gateway, value));
        const { answer, keyless } = await answers(gateway, gateway, value);
        expect(answer).toEqual(keyless);
      }),
      { numRuns: 100 },
    );
  },
);

test("without a key the handler's result goes on as it is", async () => {
  const value = { statusCode: 201, multiValueHeaders: { a: ["1"] } };
  const options = { store: memoryStore(), singleTenant: true, profile: dwolla() } as const;
  expect(await idempotent(() => value, options)(httpApiEvent(), {})).toBe(value);
});

test("without a key the handler's result is not read", async () => {
  let reads = 0;
  const value = {
    toJSON() {
      reads += 1;
      return { statusCode: 201 };
    },
  };
  const options = { store: memoryStore(), singleTenant: true, profile: dwolla() } as const;
  expect(await idempotent(() => value as never, options)(httpApiEvent(), {})).toBe(value);
  expect(reads).toBe(0);
});
