import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Decisions that are the same for the same seed and the same order of calls. */
export interface Random {
  /** A number from 0 to 1, without 1. */
  fraction(): number;
  /** `true` with this probability. */
  chance(probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
  /** The items in an order that the seed decides. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** A UUID, version 4. */
  uuid(): string;
}

/**
 * A stream of decisions.
 *
 * @param stream the number of the stream. The streams of one seed are independent: a draw from one changes
 *   nothing in the others.
 */
export function createRandom(seed: number, stream = 0): Random {
  const generator = xoroshiro128plus(seed);
  for (let jumps = 0; jumps < stream; jumps += 1) generator.jump();
  const fraction = () => uniformFloat64(generator);
  const integer = (from: number, to: number) => uniformInt(generator, from, to);
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    integer,
    pick: (choices) => choices[integer(0, choices.length - 1)] as (typeof choices)[0],
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: fraction() }))
        .sort((one, other) => one.rank - other.rank)
        .map(({ item }) => item),
    uuid: () =>
      "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => integer(0, 15).toString(16)),
  };
}
