import { expect, test } from "@jest/globals";
import {
  costsWithSeparateItem,
  crossingShare,
  dollarsPerMillion,
  type UnitCosts,
  unitsAt,
} from "../../bench/cost/expected.ts";

const costs = (fresh: [number, number], duplicate: [number, number]): UnitCosts => ({
  fresh: { writeUnits: fresh[0], readUnits: fresh[1] },
  duplicate: { writeUnits: duplicate[0], readUnits: duplicate[1] },
});

const CLAIM_FIRST = costs([2, 0], [1, 0]);
const READ_FIRST = costs([2, 0.5], [0, 0.5]);

test("a share of duplicates mixes the units of fresh requests and of duplicates", () => {
  expect(unitsAt(READ_FIRST, 0.25)).toEqual({ writeUnits: 1.5, readUnits: 0.5 });
});

test("the price of a million requests is the price of their units", () => {
  expect(dollarsPerMillion({ writeUnits: 2, readUnits: 0.5 })).toBeCloseTo(1.3125);
});

test("at the crossing both ways cost the same, and above it the challenger costs less", () => {
  const share = crossingShare(CLAIM_FIRST, READ_FIRST) ?? Number.NaN;
  const at = (cost: UnitCosts, duplicates: number) => dollarsPerMillion(unitsAt(cost, duplicates));
  expect(share).toBeCloseTo(0.1);
  expect(at(CLAIM_FIRST, share)).toBeCloseTo(at(READ_FIRST, share));
  expect(at(READ_FIRST, share + 0.01)).toBeLessThan(at(CLAIM_FIRST, share + 0.01));
});

test("a challenger that is always cheaper needs no duplicates, and one that saves nothing never crosses", () => {
  expect(crossingShare(CLAIM_FIRST, costs([1, 0], [0, 0]))).toBe(0);
  expect(crossingShare(READ_FIRST, CLAIM_FIRST)).toBeUndefined();
});

test("a response in an item of its own costs a transaction, and a duplicate a small write and a read", () => {
  expect(costsWithSeparateItem(costs([6, 0], [5, 0]))).toEqual(costs([13, 0], [1, 2]));
});
