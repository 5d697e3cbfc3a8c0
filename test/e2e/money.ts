import { beforeEach } from "@jest/globals";
import type { RunningService } from "./service.ts";

/** Counts the money that has moved from Alice to Bob since the test began, in minor units. */
export function countMoney({ balances }: RunningService): {
  readonly moved: () => Promise<number>;
} {
  let before: readonly [number, number];
  beforeEach(async () => {
    before = await balances();
  });
  return {
    async moved() {
      const [alice, bob] = await balances();
      const movedMinor = before[0] - alice;
      if (bob - before[1] !== movedMinor) throw new Error("Money was made or lost.");
      return movedMinor;
    },
  };
}
