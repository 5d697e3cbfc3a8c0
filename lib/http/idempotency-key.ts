import type { Refusal } from "../errors.ts";
import { isUuid, normaliseKey } from "../protocol/key.ts";
import { type Body, memberAt } from "./body.ts";
import type { HttpRequest } from "./request.ts";

/** One place in a request where a key may stand. */
export type KeySource =
  /**
   * A header: a bare key, or a string of RFC 8941; with `strict` only the string, as the
   * Internet-Draft has it.
   */
  | { readonly header: string; readonly strict?: boolean }
  /** A member of a JSON body, as a JSON pointer (RFC 6901), for example `/externalId`. */
  | { readonly pointer: string }
  /** A parameter of the route, by its name: `id` of `/transfers/{id}`. */
  | { readonly path: string }
  /** A parameter of the query, by its name. */
  | { readonly query: string };

/**
 * Which keys are accepted: any visible ASCII, UUIDs only, or a function that says what is wrong with
 * a key (`undefined` = nothing).
 */
export type KeyFormat = "visible" | "uuid" | ((key: string) => string | undefined);

/** Where a profile looks for keys, and which ones it takes. */
export interface KeyRules {
  /** Where the key may stand. Where several are there, they must hold the same key. */
  readonly keyFrom: readonly KeySource[];
  /** What a key looks like; anything else in its place is refused with 400, and executes nothing. */
  readonly keyFormat: KeyFormat;
  /** A request without a key: handled without protection, or refused. */
  readonly onMissing: "pass" | "refuse";
}

/** A key; or none, where that is allowed; or why there is none. */
export type FoundKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "none" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Finds the key of a request by the rules of its profile. */
export function findKey(request: HttpRequest, body: Body, rules: KeyRules): FoundKey {
  const keys = new Set<string>();
  for (const source of rules.keyFrom) {
    const sent = findIn(source, request, body);
    if (sent === undefined) continue;
    if ("fault" in sent) return malformed(sent.fault);
    const fault = faultOf(sent.key, rules.keyFormat);
    if (fault !== undefined) return malformed(fault);
    keys.add(normaliseKey(sent.key));
  }
  const [key, ...others] = keys;
  if (others.length > 0) return malformed("it is not the same in every place where it stands");
  if (key !== undefined) return { kind: "key", key };
  return rules.onMissing === "pass"
    ? { kind: "none" }
    : { kind: "refuse", refusal: { code: "key_missing" } };
}

function malformed(fault: string): FoundKey {
  const detail = `It is refused because ${fault}.`;
  return { kind: "refuse", refusal: { code: "key_malformed", detail } };
}

type Sent = { readonly key: string } | { readonly fault: string } | undefined;

function findIn(source: KeySource, request: HttpRequest, body: Body): Sent {
  if ("header" in source) return headerValue(request, source);
  if ("path" in source) return parameterValue([request.pathParameter(source.path) ?? []].flat());
  if ("query" in source) return parameterValue(request.queryParameter(source.query));
  return memberValue(body, source.pointer);
}

function parameterValue([value, ...others]: readonly string[]): Sent {
  if (value === undefined) return undefined;
  if (others.length > 0) return { fault: `it was sent ${1 + others.length} times; send it once` };
  // Different bytes that are no UTF-8 all become this character.
  return value.includes("\uFFFD") ? { fault: "its percent escapes are not UTF-8" } : { key: value };
}

function headerValue(
  request: HttpRequest,
  { header, strict = false }: Extract<KeySource, { header: string }>,
): Sent {
  const [value, ...others] = request.header(header);
  if (value === undefined) return undefined;
  if (others.length > 0) return { fault: `it was sent ${1 + others.length} times; send it once` };
  return readKey(value, strict);
}

function memberValue(body: Body, pointer: string): Sent {
  const value = memberAt(body, pointer);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return { key: value };
  return { fault: `it is a JSON ${typeof value}; send it as a string` };
}

const LONGEST_KEY = 255;

function faultOf(key: string, format: KeyFormat): string | undefined {
  if (key.length === 0) return "it is empty";
  if (typeof format === "function") return format(key);
  if (format === "uuid" && !isUuid(key)) {
    return `it has ${key.length} characters and is not a UUID`;
  }
  if (key.length > LONGEST_KEY) {
    return `it has ${key.length} characters; the most is ${LONGEST_KEY}`;
  }
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : "it has characters other than visible ASCII (0x21 to 0x7E)";
}

/**
 * Reads the key from the value of its header, bare or as a string of RFC 8941 (`"abc"` and `abc` are
 * the same key).
 *
 * A bare key holds no comma, semicolon or quote: with a comma nobody could tell one key from two
 * headers that a proxy has joined, and `"abc";v=1` is a string with parameters, which the header
 * does not have.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8941#section-3.3.3
 */
function readKey(sent: string, strict: boolean): { key: string } | { fault: string } {
  const value = sent.replace(/^[ \t]+|[ \t]+$/g, "");
  const isBare = !value.startsWith('"');
  if (isBare && strict) {
    return {
      fault: 'it is not quoted; send "8e03978e-40d5-43e8-bc93-6894a57f9324" with its quotes',
    };
  }
  const key = isBare ? bare(value) : unquote(value);
  if (key !== undefined) return { key };
  return {
    fault:
      "it is neither a bare key (without comma, semicolon or quote) nor one quoted string; send one key, for example 8e03978e-40d5-43e8-bc93-6894a57f9324",
  };
}

function bare(value: string): string | undefined {
  return /[",;]/.test(value) ? undefined : value;
}

/** The content of a quoted string, in which only `"` and `\` are escaped. */
function unquote(value: string): string | undefined {
  const content = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1];
  return content?.replace(/\\(.)/g, "$1");
}
