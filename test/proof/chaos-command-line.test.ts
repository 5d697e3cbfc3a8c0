import { expect, test } from "@jest/globals";
import { readChaosCommand } from "../../proof/chaos/command-line.ts";

const newSeed = () => 42;

test("without arguments a run takes 30 seconds and has a new seed", () => {
  expect(readChaosCommand([], newSeed)).toEqual({
    scenario: "http",
    arm: "ours",
    clocks: "disagree",
    seconds: 30,
    seed: 42,
    engine: undefined,
    json: false,
    without: undefined,
    planted: false,
  });
});

test("every option is read", () => {
  const args = ["--seconds", "5", "--seed", "7", "--engine", "dynoxide", "--json", "--planted"];
  const names = ["--scenario", "queue", "--arm", "powertools", "--clocks", "agree"];
  expect(readChaosCommand([...args, ...names, "--without", "no owner check"], newSeed)).toEqual({
    scenario: "queue",
    arm: "powertools",
    clocks: "agree",
    seconds: 5,
    seed: 7,
    engine: "dynoxide",
    json: true,
    without: "no owner check",
    planted: true,
  });
});

test.each([
  [["--seconds", "0"], "--seconds must be a whole number from 1"],
  [["--seed", "-1"], "--seed"],
  [["--seed", "one"], "--seed must be a whole number from 0"],
  [["--engine", "sqlite"], "--engine must be one of: dynoxide, dynamodb-local; not sqlite."],
  [["--without", "no brakes"], "--without must be one of: no fence,"],
  [["--seeds", "1"], "--seeds"],
  [["--scenario", "ftp"], "--scenario must be one of: http, queue; not ftp."],
  [["--scenario", "queue", "--arm", "theirs"], "--arm must be one of: ours, powertools"],
  [["--arm", "powertools"], "--arm and --clocks are for --scenario queue only."],
  [["--clocks", "agree"], "--arm and --clocks are for --scenario queue only."],
])("%j is refused, and the message lists the options", (args, message) => {
  expect(() => readChaosCommand(args, newSeed)).toThrow(message);
  expect(() => readChaosCommand(args, newSeed)).toThrow("Options:");
});
