import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Decisions that are the same for the same seed and the same order of calls. */
export interface Random {
  /** `true` with this probability. */
  chance(probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
  /** A UUID, version 4. */
  uuid(): string;
}

/**
 * A stream of decisions.
 *
 * @param stream the streams of one seed are independent: a draw from one changes nothing in the other.
 */
export function createRandom(seed: number, stream: "orders" | "faults"): Random {
  const generator = xoroshiro128plus(seed);
  if (stream === "faults") generator.jump();
  const integer = (from: number, to: number) => uniformInt(generator, from, to);
  return {
    chance: (probability) => uniformFloat64(generator) < probability,
    integer,
    pick: (choices) => choices[integer(0, choices.length - 1)] as (typeof choices)[0],
    uuid: () =>
      "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => integer(0, 15).toString(16)),
  };
}
