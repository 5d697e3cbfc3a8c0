import { expect, test } from "@jest/globals";
import { readCommandLine } from "../../proof/killpoints/command-line.ts";
import { PLANTED_FAULTS } from "../../proof/kit/planted-faults.ts";

test("without arguments every kill is tried, with all safeguards", () => {
  expect(readCommandLine([])).toEqual({
    isQuick: false,
    scenario: "",
    seed: expect.any(Number),
    engine: undefined,
    without: [],
  });
});

test("every option is read", () => {
  const args = ["--quick", "--scenario", "payout", "--seed", "7", "--engine", "dynamodb-local"];
  expect(readCommandLine([...args, "--without", "no fence"])).toEqual({
    isQuick: true,
    scenario: "payout",
    seed: 7,
    engine: "dynamodb-local",
    without: ["no fence"],
  });
  expect(readCommandLine(["--planted"]).without).toEqual(PLANTED_FAULTS);
});

test.each([
  [["--seed", "x"], "--seed must be a whole number from 0 to 2147483647, not x"],
  [["--engine", "mysql"], "--engine must be one of: dynoxide, dynamodb-local; not mysql"],
  [["--without", "care"], "--without must be one of: no fence,"],
  [["--quickly"], "--quickly"],
])("%j is refused, and the message lists the options", (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
  expect(() => readCommandLine(args)).toThrow("Options:");
});
