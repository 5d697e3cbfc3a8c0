import { describe, expect, test } from "@jest/globals";
import { dfns, dwolla, gluwa, ietf, orzcash, stripe } from "../../lib/index.ts";
import type { Ending } from "../../lib/protocol/outcome.ts";
import { decides } from "../../lib/protocol/policy-trial.ts";

/** A policy that decides nothing about some endings. */
const forgetting = (isForgotten: (ending: Ending) => boolean) => (ending: Ending) =>
  isForgotten(ending) ? undefined : "release";

describe("a policy that does not decide is found when the function starts:", () => {
  test.each<[string, unknown]>([
    ["one that returns a promise", async () => "complete"],
    ["one that returns nothing", () => undefined],
    ["one that returns another word", () => "completed"],
    ["no function", "complete"],
    [
      "one that throws",
      () => {
        throw new Error("no such ending");
      },
    ],
    ["about a rejection", forgetting(({ kind }) => kind === "rejected")],
    [
      "about an error before anything began",
      forgetting((ending) => ending.kind === "threw" && ending.hasBegun === false),
    ],
    [
      "about an error with a status",
      forgetting(
        (ending) => ending.kind === "threw" && Object.hasOwn(Object(ending.error), "statusCode"),
      ),
    ],
    [
      "about a response once it has begun",
      forgetting((ending) => ending.kind === "returned" && ending.hasBegun === true),
    ],
    [
      "about a response before it began",
      forgetting((ending) => ending.kind === "returned" && ending.hasBegun === false),
    ],
  ])("%s", (_how, policy) => {
    expect(decides(policy)).toBe(false);
  });

  test.each([200, 201, 204, 302, 400, 401, 402, 404, 408, 409, 422, 429, 500, 503])(
    "about status %i",
    (statusCode) => {
      const policy = forgetting(
        (ending) => ending.kind === "returned" && ending.statusCode === statusCode,
      );
      expect(decides(policy)).toBe(false);
    },
  );
});

test("the policies of the built-in profiles decide", () => {
  for (const profile of [dwolla(), orzcash(), dfns("transfer"), gluwa(), ietf(), stripe()]) {
    expect(decides(profile.outcome)).toBe(true);
  }
});
