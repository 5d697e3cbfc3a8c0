/**
 * The minor units (cents) of an amount such as `22.00`, of a currency that has two digits of them.
 * Exact: no amount passes through a fraction.
 *
 * @returns `undefined` for what is no such amount, is not positive, or cannot be counted exactly.
 */
export function minorUnits(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const [, whole = "", digits = ""] = /^(0|[1-9]\d*)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (whole === "") return undefined;
  const minor = Number(whole + digits.padEnd(2, "0"));
  return Number.isSafeInteger(minor) && minor > 0 ? minor : undefined;
}

/** An amount as `minorUnits` reads it. */
export function decimalAmount(amountMinor: number): string {
  const digits = String(amountMinor).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
