import { expect, test } from "@jest/globals";
import { ConfigurationError, defineProfile, gluwa, ietf, type Profile } from "../../lib/index.ts";

test("missing knobs are as in ietf()", () => {
  const waits = { inFlight: { waitMs: 2_000 } } as const;
  expect(defineProfile({ name: "acme", ...waits })).toEqual({ ...ietf(), name: "acme", ...waits });
});

test("another profile is a start as well", () => {
  const { keyFrom, keyFormat } = defineProfile({ ...gluwa(), name: "acme", keyFormat: "visible" });
  expect({ keyFrom, keyFormat }).toEqual({ keyFrom: [{ pointer: "/Idem" }], keyFormat: "visible" });
});

test.each<[object, string]>([
  [{ keyFormat: "guid" }, "profile: keyFormat is 'guid'; expected"],
  [{ retenton: "never" }, 'Did you mean "retention"?'],
  [{ keepsResponses: false }, "nothing can be replayed"],
  [{ completed: "entity" }, 'expected retention "never"'],
  [{ interrupted: "refuse" }, 'expected retention "never"'],
  [{ name: "" }, "profile: name is ''; expected a name"],
])("a mistake is found where the profile is written: %p", (knobs, message) => {
  const define = () => defineProfile({ name: "acme", ...knobs });
  expect(define).toThrow(ConfigurationError);
  expect(define).toThrow(message);
});

test("a defined profile cannot be changed", () => {
  const profile: { missingKey: Profile["missingKey"] } = defineProfile({ name: "acme" });
  expect(() => {
    profile.missingKey = "pass";
  }).toThrow(TypeError);
});
