import { ConfigurationError } from "../errors.ts";
import { canonicalJson } from "../http/canonical-json.ts";
import type { Compared } from "../protocol/comparison.ts";
import { digest } from "../protocol/digest.ts";

/** The version of the algorithm behind the fingerprints of inputs. */
const ALGORITHM = "1";

/** The name of the scheme of fingerprints: another secret is another scheme. */
export function valueScheme(secret: string | undefined): string {
  return digest("scheme", ["value", ALGORITHM], secret).slice(0, 16);
}

/** The fingerprint of an input: equal for the same members in any order. */
export function compareText(text: string, scheme: string, secret: string | undefined): Compared {
  const canonical = canonicalJson(text) ?? text;
  return { scheme, fingerprint: digest("fingerprint", ["value", canonical], secret) };
}

/**
 * The JSON text of a value.
 *
 * @param subject the value, for the message.
 * @throws ConfigurationError if the value has none.
 */
export function jsonText(value: unknown, subject: string): string {
  let reason = `it is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}`;
  try {
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    [reason = ""] = String((error as Error).message).split("\n");
  }
  throw new ConfigurationError(
    `${subject} has no JSON text: ${reason}. Nothing was executed. Give the option same: a function that returns the plain data by which two inputs are the same.`,
  );
}
