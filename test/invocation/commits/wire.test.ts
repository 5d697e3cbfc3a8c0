import { expect, test } from "@jest/globals";
import { BUSINESS_WRITES, measurePaths, type PathCost } from "../../../bench/wire/wire-paths.ts";

/** The cost of a transaction of the record and the business writes: 2(1 + n). */
const TRANSACTION = 2 * (1 + BUSINESS_WRITES);

const cost = (roundTrips: number, writeUnits: number) => ({ roundTrips, writeUnits, readUnits: 0 });

/** The cost of a consistent read. */
const READ = { roundTrips: 1, writeUnits: 0, readUnits: 1 };

// Claiming at the commit a repeat is a cancelled transaction, which is counted in full: only the claim that
// comes before knows cheaply that there is nothing to do.
const EXPECTED: PathCost[] = [
  { claimAt: "start", path: "first", ...cost(2, 1 + TRANSACTION) },
  { claimAt: "start", path: "replay", ...cost(1, 1) },
  { claimAt: "start", path: "in-flight", ...cost(1, 1) },
  { claimAt: "start", path: "mismatch", ...cost(1, 1) },
  { claimAt: "start", path: "takeover", ...cost(1, 1) },
  // Refused by the record in the way, which is replaced by a claim of its own.
  { claimAt: "start", path: "ended", ...cost(2, 2) },
  { claimAt: "start", path: "freed", ...cost(2, 2) },
  // Claim, mark, checkpoint, completion.
  { claimAt: "start", path: "step", ...cost(4, 4) },
  { claimAt: "start", path: "invalid", ...READ },
  { claimAt: "start", path: "refused", ...cost(3, 1 + TRANSACTION + 1) },
  { claimAt: "start", path: "error", ...cost(2, 2) },
  { claimAt: "commit", path: "first", ...cost(1, TRANSACTION) },
  { claimAt: "commit", path: "replay", ...cost(1, TRANSACTION) },
  { claimAt: "commit", path: "in-flight", ...cost(1, TRANSACTION) },
  { claimAt: "commit", path: "mismatch", ...cost(1, TRANSACTION) },
  // Refused by the lapsed claim, which is claimed before the commit follows.
  { claimAt: "commit", path: "takeover", ...cost(3, TRANSACTION + 1 + TRANSACTION) },
  // Refused twice: by the record in the way, once as a transaction and once as a claim.
  { claimAt: "commit", path: "ended", ...cost(4, TRANSACTION + 2 + TRANSACTION) },
  { claimAt: "commit", path: "freed", ...cost(4, TRANSACTION + 2 + TRANSACTION) },
  // An attempt from before may be on its way, and must find the refusal.
  { claimAt: "commit", path: "invalid", roundTrips: 2, readUnits: 1, writeUnits: 1 },
  { claimAt: "commit", path: "refused", ...cost(2, TRANSACTION + 1) },
  // Whether it is a repeat, only the record knows.
  { claimAt: "commit", path: "error", ...READ },
];

test("no path costs more round trips or units on the wire than it must", async () => {
  expect(await measurePaths()).toEqual(EXPECTED);
});
