import { describe, expect, test } from "@jest/globals";
import { createCollision } from "../../local/refusal.ts";
import { ENGINES } from "../support/engines.ts";
import { runService } from "./service.ts";

describe.each(ENGINES)("claiming at the commit, on %s,", (engine) => {
  const { transfer, balances, disturb } = runService({
    engine,
    maxEnvironments: 8,
  });

  test("100 identical transfers at once are one transfer and 100 equal responses", async () => {
    const [alice, bob] = await balances();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => transfer({ key: "hundred" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await balances()).toEqual([alice - 100, bob + 100]);
  }, 60_000);

  test("so they are when transactions collide", async () => {
    const [alice, bob] = await balances();
    let count = 0;
    disturb(({ operation, body }) => {
      if (operation !== "TransactWriteItems") return "forward";
      count += 1;
      if (count % 3 !== 0) return "forward";
      const writes = (body.TransactItems as unknown[]).length;
      return createCollision(writes);
    });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => transfer({ key: "colliding" })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await balances()).toEqual([alice - 100, bob + 100]);
  }, 60_000);
});
