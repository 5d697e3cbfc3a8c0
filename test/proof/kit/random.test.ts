import { expect, test } from "@jest/globals";
import { createRandom } from "../../../proof/kit/random.ts";

test("one seed gives the same decisions, and its two streams differ", () => {
  const draw = (seed: number, stream: number) => createRandom(seed, stream).uuid();
  expect(draw(1, 0)).toBe(draw(1, 0));
  expect(new Set([draw(1, 0), draw(1, 1), draw(2, 0)]).size).toBe(3);
});

test("a fraction is from 0 to below 1, and a chance follows its probability", () => {
  const random = createRandom(1);
  const fractions = Array.from({ length: 1_000 }, () => random.fraction());
  expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...fractions)).toBeLessThan(1);
  expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
});

test("an integer lies between its bounds, both included, and a pick takes every choice", () => {
  const random = createRandom(1);
  const drawn = Array.from({ length: 200 }, () => random.integer(3, 5));
  expect([...new Set(drawn)].sort()).toEqual([3, 4, 5]);
  const picked = Array.from({ length: 200 }, () => random.pick(["a", "b"]));
  expect([...new Set(picked)].sort()).toEqual(["a", "b"]);
});

test("a UUID is of version 4", () => {
  expect(createRandom(1).uuid()).toMatch(
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
  );
});

test("the same seed shuffles in the same way", () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(createRandom(3).shuffle(items)).toEqual(createRandom(3).shuffle(items));
  expect(createRandom(3).shuffle(items)).not.toEqual(createRandom(4).shuffle(items));
});
