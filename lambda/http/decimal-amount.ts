/**
 * The minor units (cents) of an amount such as `22.00`, in a currency with two decimal digits.
 * Exact: no amount passes through a fraction.
 *
 * @returns `undefined` if the text is not such an amount, is not positive, or is not a safe integer
 *   in minor units.
 */
export function minorUnits(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const [, whole = "", digits = ""] = /^(0|[1-9]\d*)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (whole === "") return undefined;
  const minor = Number(whole + digits.padEnd(2, "0"));
  return Number.isSafeInteger(minor) && minor > 0 ? minor : undefined;
}

/** Writes an amount in the form that `minorUnits` reads. */
export function decimalAmount(amountMinor: number): string {
  const digits = String(amountMinor).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
