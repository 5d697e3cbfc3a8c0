import { type MovableClock, startMovableClock } from "../../local/functions/movable-clock.ts";

/** Clocks that disagree, and that environments have in turn. */
export interface SkewedClocks {
  readonly clockOf: (environmentId: string) => MovableClock;
  /** Sets them all to this time, ahead of this machine's by so much. */
  agree(offsetMs: number): void;
  /** Sets each to its own time again. */
  disagree(): void;
  close(): void;
}

/** The second one takes a claim of the first for lapsed, at once; the third waits for longer. */
const SKEWS_MS = [0, 14_000, -9_000, 45_000];

/** Starts the clocks; they disagree. */
export function startSkewedClocks(): SkewedClocks {
  const clocks = SKEWS_MS.map(() => startMovableClock());
  const set = (clock: MovableClock, offsetMs: number) => clock.advance(offsetMs - clock.offsetMs());
  const disagree = () => {
    for (const [index, clock] of clocks.entries()) set(clock, SKEWS_MS[index] as number);
  };
  disagree();
  return {
    clockOf: (environmentId) => {
      const number = Number(/\d+$/.exec(environmentId)?.[0]);
      return clocks[number % clocks.length] as MovableClock;
    },
    agree: (offsetMs) => {
      for (const clock of clocks) set(clock, offsetMs);
    },
    disagree,
    close: () => {
      for (const clock of clocks) clock.close();
    },
  };
}
