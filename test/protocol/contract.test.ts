import { expect, test } from "@jest/globals";
import { allowedTakeover } from "../../lib/protocol/contract.ts";

test.each([
  ["restart", "start", "restart", "claims without begun work"],
  ["resume", "start", "resume", "all claims, also those with begun work"],
  ["refuse", "start", "never", "no claim"],
  ["restart", "commit", "restart", "claims without begun work"],
  [
    "resume",
    "commit",
    "restart",
    "claims without begun work: its handler has run without the steps",
  ],
  ["refuse", "commit", "never", "no claim"],
] as const)(
  'with interrupted: "%s" and claimAt: "%s" a request takes over (%s) %s',
  (interrupted, claimAt, expected, _claims) => {
    expect(allowedTakeover({ interrupted }, claimAt)).toBe(expected);
  },
);
