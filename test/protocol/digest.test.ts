import { expect, test } from "@jest/globals";
import { digest } from "../../lib/protocol/digest.ts";

test.each<[string, readonly (string | Uint8Array)[], string | undefined, string]>([
  [
    "text and bytes",
    ["é", new Uint8Array([1, 2, 255])],
    undefined,
    "Rn_EFBaHOLTaxI746iCo-DduFtHsGNUBQOWGI7jVpSA",
  ],
  [
    "half of a surrogate pair",
    ["a", "\ud800"],
    undefined,
    "4oz9OLXtrAFoOg0zBgL6-LP_414B1T_sGBTtrl-dcao",
  ],
  ["parts with a secret", ["a", "b"], "pepper", "W5YxrPfS-MhcaurnkGIrTr4Pjr2ycN-BK3AVfg4KyUU"],
])("the digest of %s stays the same over the versions", (_name, parts, secret, expected) => {
  expect(digest("fingerprint", parts, secret)).toBe(expected);
});

test("text and the bytes that it has are the same, and every half of a pair is another one", () => {
  const bytes = new TextEncoder().encode("é");
  expect(digest("fingerprint", ["é"])).toBe(digest("fingerprint", [bytes]));
  const halves = ["\ud800", "\udc00", "\ufffd"].map((half) => digest("fingerprint", [half]));
  expect(new Set(halves).size).toBe(3);
});
