import { describe, expect, test } from "@jest/globals";
import { ALL_FAULTS } from "../../../proof/kit/planted-faults.ts";
import { readCommandLine } from "../../../proof/simulate/command-line.ts";

describe("the command line of the simulator", () => {
  test("draws one seed, and plays 100000 histories", () => {
    const { seeds, ...rest } = readCommandLine([]);
    expect(seeds).toEqual([expect.any(Number)]);
    expect(rest).toEqual({
      ...{ runs: 100_000, path: undefined, without: undefined },
      ...{ isQuick: false, isJson: false, out: undefined },
    });
  });

  test("has a quick form", () => {
    expect(readCommandLine(["--quick"])).toMatchObject({ runs: 10_000, isQuick: true });
  });

  test("draws as many seeds as it is asked for, and no two alike", () => {
    const { seeds, runs } = readCommandLine(["--seeds", "20", "--runs", "5"]);
    expect(new Set(seeds).size).toBe(20);
    expect(runs).toBe(5);
  });

  test("takes the options that play a history again", () => {
    const args = ["--seed", "5", "--path", "1:2", "--without", "no fence"];
    expect(readCommandLine(args)).toMatchObject({
      ...{ seeds: [5], runs: 1, path: "1:2", without: "no fence" },
    });
  });

  test("prints a document, or writes it", () => {
    expect(readCommandLine(["--json"])).toMatchObject({ isJson: true, out: undefined });
    expect(readCommandLine(["--out", "a.json"])).toMatchObject({ isJson: false, out: "a.json" });
  });

  test.each(ALL_FAULTS)("knows the safeguard %j", (without) => {
    expect(readCommandLine(["--without", without]).without).toBe(without);
  });

  test.each([
    [["--runs", "0"], /--runs must be a whole number from 1 to/],
    [["--runs", "many"], /--runs must be a whole number from 1 to \d+, not many/],
    [["--seed", "1.5"], /--seed must be a whole number/],
    [["--seeds", "0"], /--seeds must be a whole number from 1 to 1000, not 0/],
    [["--without", "luck"], /--without must be one of: no fence, .*; not luck/s],
    [["--fast"], /Unknown option '--fast'.*Options:/s],
    [["--seed", "1", "--seeds", "2"], /--seed and --seeds exclude each other.*Options:/s],
    [["--path", "1", "--runs", "2"], /--path and --runs exclude each other/],
    [["--path", "1", "--seeds", "2"], /--path and --seeds exclude each other/],
    [["--quick", "--runs", "2"], /--quick and --runs exclude each other/],
    [["--json", "--out", "a.json"], /--json and --out exclude each other/],
    [["--path", "1"], /--path needs the --seed of its history/],
  ])("refuses %j", (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });
});
