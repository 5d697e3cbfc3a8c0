import { expect, test } from "@jest/globals";
import { decimalAmount, minorUnits } from "../../lambda/http/decimal-amount.ts";

test.each([
  ["22.00", 2200],
  ["22", 2200],
  ["0.1", 10],
  ["0.01", 1],
  ["90071992547409.91", Number.MAX_SAFE_INTEGER],
])("%s is %d minor units, and back", (text, amountMinor) => {
  expect(minorUnits(text)).toBe(amountMinor);
  expect(minorUnits(decimalAmount(amountMinor))).toBe(amountMinor);
});

test.each([
  ["0.00"],
  ["-1.00"],
  ["1.005"],
  ["01.00"],
  ["1."],
  [".5"],
  ["1e3"],
  [" 1"],
  [""],
  [22],
  [null],
  ["90071992547409.92"],
])("%p is no amount", (value) => {
  expect(minorUnits(value)).toBeUndefined();
});
