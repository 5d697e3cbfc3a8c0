import { describe, expect, test } from "@jest/globals";
import { keptEvent } from "../../lib/http/kept-event.ts";
import { type IdempotencyOptions, ietf, memoryStore, orzcash } from "../../lib/index.ts";
import { resolveSettings } from "../../lib/settings/settings.ts";
import { httpApiEvent } from "../support/events.ts";

const resolve = (keptEvent: unknown, options: object = {}) =>
  resolveSettings({
    store: memoryStore(),
    singleTenant: true,
    profile: orzcash(),
    keptEvent,
    ...options,
  } as IdempotencyOptions);

test("the option names members in any case of header names", () => {
  const { kept } = resolve({ headers: ["X-Trace"], query: ["Currency"], authorizer: ["/jwt/a"] });
  expect(kept.headers).toEqual(new Set(["x-trace"]));
  expect(kept.query).toEqual(new Set(["Currency"]));
  const requestContext = { authorizer: { jwt: { a: 1, b: 2 } } };
  expect(keptEvent({ ...httpApiEvent(), requestContext }, kept)).toHaveProperty("requestContext", {
    authorizer: { jwt: { a: 1 } },
  });
});

test.each([undefined, {}, { headers: undefined }, { headers: [], query: [], authorizer: [] }])(
  "without names (%j) nothing more is kept",
  (keptEvent) => {
    const { kept } = resolve(keptEvent);
    expect([kept.headers.size, kept.query.size, kept.authorizer.isEnd]).toEqual([0, 0, false]);
  },
);

describe("the function does not start", () => {
  test.each<[string, unknown, RegExp]>([
    ["with another value than an object", ["x-trace"], /keptEvent: there is no option "0"/],
    ["with null", null, /keptEvent is null; expected an object/],
    ["with an unknown list", { header: ["x-trace"] }, /no option "header".*"headers"/],
    ["with a name in place of a list", { headers: "x-trace" }, /headers is 'x-trace'; expected/],
    ["with a name that no header has", { headers: ["x trace"] }, /a list of names of headers/],
    ["with a parameter without a name", { query: [""] }, /a list of names of parameters/],
    ["with a parameter that is no text", { query: [1] }, /a list of names of parameters/],
    ["with an authorizer member by name", { authorizer: ["sub"] }, /JSON pointers/],
    ["with the whole authorizer's part", { authorizer: [""] }, /JSON pointers/],
    ["with the header of the key", { headers: ["idempotency-KEY"] }, /no record holds the client/],
  ])("%s", (_name, keptEvent, message) => {
    expect(() => resolve(keptEvent)).toThrow(message);
  });

  test.each([
    "Authorization",
    "cookie",
    "Proxy-Authorization",
    "Set-Cookie",
    "X-Amz-Security-Token",
    "X-Amzn-Oidc-Accesstoken",
    "X-Amzn-Oidc-Data",
    "x-api-key",
  ])("with the credentials in the header %s", (header) => {
    expect(() => resolve({ headers: ["x-trace", header] })).toThrow(
      expect.objectContaining({
        name: "IdempotencyConfigurationError",
        message: expect.stringMatching(`headers has "${header}".*context.idempotency.tenant`),
      }),
    );
  });

  test("with the parameter of the key", () => {
    const profile = orzcash({ keyFrom: [{ query: "requestId" }, { header: "X-Key" }] });
    expect(() => resolve({ query: ["requestId"] }, { profile })).toThrow(/query has "requestId"/);
    expect(() => resolve({ query: ["x-key"], headers: ["requestId"] }, { profile })).not.toThrow();
  });

  test.each<[string, object, RegExp]>([
    ["a profile that keeps no event", { profile: ietf() }, /ietf never asks.*"leave"/],
    [
      "an outcome that is given up",
      { profile: orzcash({ abandoned: "unknown" }) },
      /orzcash never asks.*"unknown"/,
    ],
    [
      "a claim at the commit",
      { claimAt: "commit", store: { ...memoryStore(), commit: async () => ({ applied: true }) } },
      /claimAt is "commit", which leaves nothing to complete/,
    ],
  ])("with names under %s", (_name, options, message) => {
    expect(() => resolve({}, options)).toThrow(message);
    expect(() => resolve(undefined, options)).not.toThrow();
  });
});
