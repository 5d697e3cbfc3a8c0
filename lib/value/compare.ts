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
