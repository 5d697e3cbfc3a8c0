import { PRICES } from "./prices.ts";

/** Units of a request. */
export interface Units {
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** What a way to handle requests costs: for one that is new, and for one that is a duplicate. */
export interface UnitCosts {
  readonly fresh: Units;
  readonly duplicate: Units;
}

/**
 * What it would cost to keep the answer in an item of its own, so that a duplicate meets a small
 * record and then reads the answer. The two items are written in one transaction, in which each
 * counts twice: otherwise a function that dies in between leaves a record without its answer.
 */
export function besideTheRecord({ duplicate }: UnitCosts): UnitCosts {
  // What refuses a duplicate is the record with the answer in it.
  const answerUnits = duplicate.writeUnits;
  return {
    fresh: { writeUnits: 1 + 2 * (1 + answerUnits), readUnits: 0 },
    duplicate: { writeUnits: 1, readUnits: Math.ceil(answerUnits / 4) },
  };
}

/** Units of the average request where this share of them, from 0 to 1, are duplicates. */
export function unitsAt({ fresh, duplicate }: UnitCosts, share: number): Units {
  const mixed = (one: number, other: number) => one * (1 - share) + other * share;
  return {
    writeUnits: mixed(fresh.writeUnits, duplicate.writeUnits),
    readUnits: mixed(fresh.readUnits, duplicate.readUnits),
  };
}

/** Dollars for a million requests of so many units each. */
export function dollarsPerMillion({ writeUnits, readUnits }: Units): number {
  return (
    writeUnits * PRICES.dollarsPerMillionWriteUnits + readUnits * PRICES.dollarsPerMillionReadUnits
  );
}

/**
 * The share of duplicates above which the challenger is cheaper.
 *
 * @returns from 0 (it is cheaper as soon as there are any) to 1; `undefined` if it never is.
 */
export function crossingShare(incumbent: UnitCosts, challenger: UnitCosts): number | undefined {
  const extra = dollarsPerMillion(challenger.fresh) - dollarsPerMillion(incumbent.fresh);
  const saved = dollarsPerMillion(incumbent.duplicate) - dollarsPerMillion(challenger.duplicate);
  if (saved <= 0) return undefined;
  return extra <= 0 ? 0 : extra / (extra + saved);
}
