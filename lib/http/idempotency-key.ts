import type { Refusal } from "../errors.ts";
import { isUuid, normaliseKey } from "../protocol/key.ts";
import type { HttpRequest } from "./request.ts";

/** Where a profile looks for keys, and which ones it takes. */
export interface KeyRules {
  /** The header that carries the key. */
  readonly keyHeader: string;
  /** Which keys are accepted: any visible ASCII of 1 to 255 characters, or UUIDs only. */
  readonly keyFormat: "visible" | "uuid";
  /** A request without a key: handled without protection, or refused. */
  readonly onMissing: "pass" | "refuse";
}

/** A key; or none, where that is allowed; or why there is none. */
export type FoundKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "none" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Finds the key of a request by the rules of its profile. */
export function findKey(request: HttpRequest, rules: KeyRules): FoundKey {
  const [value, ...others] = request.header(rules.keyHeader);
  if (value === undefined) {
    return rules.onMissing === "pass"
      ? { kind: "none" }
      : { kind: "refuse", refusal: { code: "key_missing" } };
  }
  if (others.length > 0) return malformed(`it was sent ${1 + others.length} times; send it once`);
  const read = readKey(value);
  if ("fault" in read) return malformed(read.fault);
  if (rules.keyFormat === "uuid" && !isUuid(read.key)) {
    return malformed(`it has ${read.key.length} characters and is not a UUID`);
  }
  return { kind: "key", key: read.key };
}

function malformed(fault: string): FoundKey {
  const detail = `It is refused because ${fault}.`;
  return { kind: "refuse", refusal: { code: "key_malformed", detail } };
}

const LONGEST_KEY = 255;

/**
 * Reads the key from the value of its header: 1 to 255 visible ASCII characters, bare or as a
 * string of RFC 8941 (`"abc"` and `abc` are the same key).
 *
 * A bare key holds no comma, semicolon or quote: with a comma nobody could tell one key from two
 * headers that a proxy has joined, and `"abc";v=1` is a string with parameters, which the header
 * does not have. UUIDs come back in lower case.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8941#section-3.3.3
 */
function readKey(sent: string): { key: string } | { fault: string } {
  const value = sent.replace(/^[ \t]+|[ \t]+$/g, "");
  const key = value.startsWith('"') ? unquote(value) : bare(value);
  if (key === undefined) {
    return {
      fault:
        "it is neither a bare key (without comma, semicolon or quote) nor one quoted string; send one key, for example 8e03978e-40d5-43e8-bc93-6894a57f9324",
    };
  }
  if (key.length === 0) return { fault: "it is empty" };
  if (key.length > LONGEST_KEY) {
    return { fault: `it has ${key.length} characters; the most is ${LONGEST_KEY}` };
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return { fault: "it has characters other than visible ASCII (0x21 to 0x7E)" };
  }
  return { key: normaliseKey(key) };
}

function bare(value: string): string | undefined {
  return /[",;]/.test(value) ? undefined : value;
}

/** The content of a quoted string, in which only `"` and `\` are escaped. */
function unquote(value: string): string | undefined {
  const content = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1];
  return content?.replace(/\\(.)/g, "$1");
}
