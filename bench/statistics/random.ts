import { createRandom as createGenerator } from "../../proof/kit/random.ts";

/** A generator of seeded numbers from 0 to 1. */
export function createRandom(seed: number): () => number {
  return createGenerator(seed).fraction;
}

/** The items in an order that the random numbers decide. */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
