import { type MovableClock, startMovableClock } from "../../local/functions/movable-clock.ts";

/** Clocks that disagree; execution environments get them in turn. */
export interface SkewedClocks {
  readonly chooseClock: (environmentId: string) => MovableClock;
  /** Sets all clocks ahead of this machine's by `offsetMs`. */
  agree(offsetMs: number): void;
  /** Gives each clock its own offset again. */
  disagree(): void;
  close(): void;
}

/** The second clock sees a claim of the first as lapsed at once; the third sees it as lapsed later. */
const SKEWS_MS = [0, 14_000, -9_000, 45_000];

/** Starts clocks that disagree. */
export function startSkewedClocks(): SkewedClocks {
  const clocks = SKEWS_MS.map(() => startMovableClock());
  const set = (clock: MovableClock, offsetMs: number) => clock.advance(offsetMs - clock.offsetMs());
  const disagree = () => {
    for (const [index, clock] of clocks.entries()) set(clock, SKEWS_MS[index] as number);
  };
  disagree();
  return {
    chooseClock: (environmentId) => {
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
