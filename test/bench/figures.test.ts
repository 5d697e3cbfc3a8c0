import { expect, test } from "@jest/globals";
import { computeFigure, computeSpread } from "../../bench/measuring/figure.ts";
import { measureInRounds } from "../../bench/measuring/rounds.ts";
import { formatTable } from "../../bench/print/table.ts";

test("a figure has the fast quarter of all requests and of each run", () => {
  const figure = computeFigure([
    [1, 2, 3, 4, 100],
    [3, 4, 5, 6, 7],
    [2, 3, 4, 5, 6],
  ]);
  expect(figure.ofRunsMs).toEqual([2, 4, 3]);
  expect(figure.fastMs).toBe(3);
  expect(figure.medianMs).toBe(4);
});

test("a ratio combines all requests, and its spread the single runs", () => {
  const [one, other] = [computeFigure([[2], [6], [4]]), computeFigure([[1], [2], [4]])];
  expect(computeSpread([one, other], (a, b) => a / b)).toEqual({ value: 2, lowest: 1, highest: 3 });
});

test("every case has a turn in each round, and the seed decides the order", async () => {
  const order = async (seed: number) => {
    const turns: string[] = [];
    const createCase = (name: string) => ({
      prepare: async () => {},
      request: async () => void turns.push(name),
    });
    const plan = { runs: 4, requests: 1, warmUpMs: 0, measureMs: 0 };
    await measureInRounds("test", ["a", "b", "c"].map(createCase), plan, "wall", seed);
    return turns.join("");
  };
  expect((await order(1)).match(/.{3}/g)?.map((round) => [...round].sort().join(""))).toEqual(
    Array(4).fill("abc"),
  );
  expect(await order(1)).toBe(await order(1));
  expect(await order(1)).not.toBe(await order(2));
});

test("a table is Markdown with aligned columns", () => {
  const columns = [
    { head: "name", align: "left", cell: ({ name }: { name: string }) => name },
    { head: "n", cell: ({ n }: { n: string }) => n },
  ] as const;
  expect(formatTable([{ name: "a", n: "1000" }], columns)).toBe(
    ["| name |    n |", "| ---- | ---: |", "| a    | 1000 |"].join("\n"),
  );
});
