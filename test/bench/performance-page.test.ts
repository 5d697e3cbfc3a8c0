import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { fillPage, listLooseTables, listStale } from "../../bench/reports/page.ts";
import { readBlocks } from "../../bench/reports/results.ts";

const PAGE = new URL("../../docs/performance.md", import.meta.url);

const BLOCKS = new Map([
  ["one", "| a |\n| - |\n| 1 |"],
  ["two", "2026-11-25"],
]);
const page = (one: string, two: string) =>
  `Text.\n\n<!-- table: one -->\n${one}<!-- end -->\n\nMore.\n\n<!-- table: two -->\n${two}<!-- end -->\n`;
const FILLED = page("\n| a |\n| - |\n| 1 |\n\n", "\n2026-11-25\n\n");

test("a block is written between its markers, and the text around it stays", () => {
  expect(fillPage(page("", "old\n"), BLOCKS)).toBe(FILLED);
  expect(fillPage(FILLED, BLOCKS)).toBe(FILLED);
});

test("a block with another figure than its results is stale, and only that block", () => {
  expect(listStale(FILLED, BLOCKS)).toEqual([]);
  expect(listStale(FILLED.replace("| 1 |", "| 2 |"), BLOCKS)).toEqual(["one"]);
  expect(listStale(FILLED.replace("25", "26"), BLOCKS)).toEqual(["two"]);
});

test("a table that no results have is refused with the known names", () => {
  const other = FILLED.replace("table: two", "table: three");
  expect(() => fillPage(other, BLOCKS)).toThrow(
    'No results have a table "three". Known: one, two.',
  );
});

test("a table outside of every block is loose", () => {
  expect(listLooseTables(FILLED)).toEqual([]);
  expect(listLooseTables(`${FILLED}\n| b | c |\n| --- | --: |\n| 1 | 2 |\n`)).toEqual([
    "| b | c |",
  ]);
});

test("docs/performance.md agrees with docs/performance/*.json: `npm run performance` writes it", async () => {
  const text = await readFile(PAGE, "utf8");
  expect(listStale(text, await readBlocks())).toEqual([]);
  expect(listLooseTables(text)).toEqual([]);
});
