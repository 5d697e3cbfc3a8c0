import { spawnSync } from "node:child_process";

/** What a model's search finds: no violation in any state, or a violation. */
export type Outcome = "holds" | "violation";

/** One search of a model's states: all states, or up to the first violation. */
export interface Expectation {
  readonly title: string;
  readonly expected: Outcome;
  /** The number of states within which a violation must be found. */
  readonly mostStates?: number;
  /** Left out by `--quick`. */
  readonly isLong?: boolean;
}

/** The result of a search. */
export interface Finding {
  readonly found: Outcome | "unfinished";
  readonly states: number;
  readonly seconds: number;
}

/** @throws if spin or gcc is not installed. */
export function requirePrograms(): void {
  for (const name of ["spin", "gcc"]) {
    if (spawnSync(name, ["-V"]).error === undefined) continue;
    throw new Error(
      `The model needs ${name}, which is not installed. Install it, on Debian with: apt-get install spin gcc`,
    );
  }
}

/** Reads the report of spin's search program. */
export function readFinding(report: string, seconds: number): Finding {
  const numberIn = (pattern: RegExp) => Number(pattern.exec(report)?.[1] ?? Number.NaN);
  const errors = numberIn(/errors: (\d+)/);
  const isComplete = !/Search not completed|max search depth too small|out of memory/.test(report);
  return {
    found: errors > 0 ? "violation" : errors === 0 && isComplete ? "holds" : "unfinished",
    states: numberIn(/([\d.e+]+) states, stored/),
    seconds,
  };
}

export function printHead(): void {
  printRow("variant", "expected", "found", "states", "seconds");
}

/**
 * Prints a line about a search.
 *
 * @returns whether the search found the expected outcome, in time.
 */
export function judgeFinding(
  { title, expected, mostStates }: Expectation,
  { found, states, seconds }: Finding,
): boolean {
  printRow(title, expected, found, String(states), seconds.toFixed(1));
  return found === expected && states <= (mostStates ?? states);
}

function printRow(
  title: string,
  expected: string,
  found: string,
  states: string,
  seconds: string,
): void {
  const cells = [title.padEnd(58), expected.padEnd(11), found.padEnd(11)];
  console.log([...cells, states.padStart(10), seconds.padStart(8)].join(" "));
}
