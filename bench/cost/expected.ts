import { PRICES } from "./prices.ts";

/** The units of a request. */
export interface Units {
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** The costs of a way to handle requests, for a fresh request and for a duplicate. */
export interface UnitCosts {
  readonly fresh: Units;
  readonly duplicate: Units;
}

/**
 * The costs if the response stood in an item of its own: a duplicate would meet a small record and
 * then read the response. One transaction would write both items, and count each twice: otherwise a
 * function that dies in between leaves a record without its response.
 */
export function costsWithSeparateItem({ duplicate }: UnitCosts): UnitCosts {
  // The record that refuses a duplicate contains the response.
  const answerUnits = duplicate.writeUnits;
  return {
    fresh: { writeUnits: 1 + 2 * (1 + answerUnits), readUnits: 0 },
    duplicate: { writeUnits: 1, readUnits: Math.ceil(answerUnits / 4) },
  };
}

/** The units of the average request if this share of the requests, from 0 to 1, are duplicates. */
export function unitsAt({ fresh, duplicate }: UnitCosts, share: number): Units {
  const mixed = (one: number, other: number) => one * (1 - share) + other * share;
  return {
    writeUnits: mixed(fresh.writeUnits, duplicate.writeUnits),
    readUnits: mixed(fresh.readUnits, duplicate.readUnits),
  };
}

/** The price in dollars of a million requests with these units each. */
export function dollarsPerMillion({ writeUnits, readUnits }: Units): number {
  return (
    writeUnits * PRICES.dollarsPerMillionWriteUnits + readUnits * PRICES.dollarsPerMillionReadUnits
  );
}

/**
 * The share of duplicates above which the challenger is cheaper.
 *
 * @returns from 0 (cheaper with any duplicates) to 1; `undefined` if the challenger is never cheaper.
 */
export function crossingShare(incumbent: UnitCosts, challenger: UnitCosts): number | undefined {
  const extra = dollarsPerMillion(challenger.fresh) - dollarsPerMillion(incumbent.fresh);
  const saved = dollarsPerMillion(incumbent.duplicate) - dollarsPerMillion(challenger.duplicate);
  if (saved <= 0) return undefined;
  return extra <= 0 ? 0 : extra / (extra + saved);
}
