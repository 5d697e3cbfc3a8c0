import { invalid } from "./errors.ts";

/*
 * DynamoDB's numbers: 38 significant digits, exactly. A double has 15, and money is counted here.
 */

/** `digits` × 10 to the power of `exponent`; the last of the digits is not 0. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 38;
/** Above 9.99…E+125 a number is too large, below 1E-130 it is too small. */
const MAX_MAGNITUDE = 126;
const MIN_MAGNITUDE = -129;
/** Texts of this length are told apart by their doubles, and are in the same order. */
const EXACT_LENGTH = 15;

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
const CANONICAL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * The text in which DynamoDB keeps a number: without exponent, sign or zeros that say nothing.
 *
 * @throws ValidationException for a text that is no number, or none that DynamoDB can hold.
 */
export function canonicalNumber(text: string): string {
  return CANONICAL_INTEGER.test(text) ? text : format(parse(text));
}

/** Below 0 if the left number is smaller, above 0 if it is larger. */
export function compareNumbers(left: string, right: string): number {
  if (left.length <= EXACT_LENGTH && right.length <= EXACT_LENGTH) {
    return Number(left) - Number(right);
  }
  const difference = plus(parse(left), negated(parse(right))).digits;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * Adds two numbers, exactly.
 *
 * @throws ValidationException where DynamoDB cannot hold the sum.
 */
export function addNumbers(left: string, right: string): string {
  return format(limited(plus(parse(left), parse(right)), `${left} + ${right}`));
}

/** @throws ValidationException where DynamoDB cannot hold the difference. */
export function subtractNumbers(left: string, right: string): string {
  return format(limited(plus(parse(left), negated(parse(right))), `${left} - ${right}`));
}

function parse(text: string): Decimal {
  const [, sign, whole = "", fraction = "", exponent = "0"] = FORM.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (sign === undefined || whole + fraction === "") {
    return invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const kept = withoutTrailingZeros(digits);
  if (kept.length > MAX_DIGITS) {
    invalid("Attempting to store more than 38 significant digits in a Number");
  }
  const decimal = {
    digits: BigInt(sign === "-" ? `-${kept || "0"}` : kept),
    exponent: Number(exponent) - fraction.length + digits.length - kept.length,
  };
  return limited(decimal, text);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}

function limited(decimal: Decimal, text: string): Decimal {
  if (decimal.digits === 0n) return { digits: 0n, exponent: 0 };
  const length = digitsIn(decimal).length;
  if (length > MAX_DIGITS) invalid(`A Number has at most 38 significant digits: ${text}`);
  const magnitude = length + decimal.exponent;
  if (magnitude > MAX_MAGNITUDE) invalid(`Number overflow: ${text} is too large`);
  if (magnitude < MIN_MAGNITUDE) invalid(`Number underflow: ${text} is too small`);
  return decimal;
}

function plus(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = shifted(left, exponent) + shifted(right, exponent);
  const text = String(sum);
  const kept = withoutTrailingZeros(text);
  if (sum === 0n) return { digits: 0n, exponent: 0 };
  return { digits: BigInt(kept), exponent: exponent + text.length - kept.length };
}

function shifted({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

function negated({ digits, exponent }: Decimal): Decimal {
  return { digits: -digits, exponent };
}

function digitsIn({ digits }: Decimal): string {
  return String(digits < 0n ? -digits : digits);
}

function format(decimal: Decimal): string {
  const sign = decimal.digits < 0n ? "-" : "";
  const digits = digitsIn(decimal);
  if (decimal.exponent >= 0) return sign + digits + "0".repeat(decimal.exponent);
  const padded = digits.padStart(1 - decimal.exponent, "0");
  return `${sign}${padded.slice(0, decimal.exponent)}.${padded.slice(decimal.exponent)}`;
}
