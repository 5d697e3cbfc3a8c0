import type { Refusal } from "../errors.ts";
import { isUuid, normaliseKey } from "../protocol/key.ts";
import type { Body } from "./body.ts";
import { type BodyKey, hiddenKeyFault, keyAt, keyOfAll } from "./body-key.ts";
import { type Readings, readBody } from "./body-readings.ts";
import { trimBlanks } from "./header-value.ts";
import type { HttpRequest } from "./request.ts";

/** One place in a request where a key may stand. */
export type KeySource =
  /**
   * A header: a bare key, or a string of RFC 8941; with `strict` only the string, as the
   * Internet-Draft has it.
   */
  | { readonly header: string; readonly strict?: boolean }
  /**
   * A member of the body, as a JSON pointer (RFC 6901), for example `/externalId`: a text, or a whole
   * number that JavaScript holds exactly. The body may be JSON, a form or a multipart form, in any
   * encoding; one that cannot be read is refused.
   */
  | { readonly pointer: string }
  /**
   * Several members of the body that are one key together, for example `["/date", "/number"]`: all of
   * them are there, or none. The key is the JSON text of the list of their values, as
   * `["2026-11-27","4711"]`.
   */
  | { readonly pointers: readonly string[] }
  /** A parameter of the route, by its name: `id` of `/transfers/{id}`. */
  | { readonly path: string }
  /** A parameter of the query, by its name. */
  | { readonly query: string };

/**
 * Which keys are accepted: any visible ASCII, UUIDs only, or a function that says what is wrong with
 * a key (`undefined` = nothing). The first two judge each part of a key of several members, a
 * function judges the whole.
 */
export type KeyFormat = "visible" | "uuid" | ((key: string) => string | undefined);

/** Where a profile looks for keys, and which ones it takes. */
export interface KeyRules {
  /** Where the key may stand. Where several are there, they must hold the same key. */
  readonly keyFrom: readonly KeySource[];
  /** What a key looks like; anything else in its place is refused with 400, and executes nothing. */
  readonly keyFormat: KeyFormat;
  /** A request without a key: handled without protection, or refused. */
  readonly missingKey: "pass" | "refuse";
}

/** A key; or none, where that is allowed; or why there is none. */
export type FoundKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "none" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Finds the key of a request by the rules of its profile. */
export function findKey(request: HttpRequest, body: Body, rules: KeyRules): FoundKey {
  const keys = new Set<string>();
  const pointers = rules.keyFrom.flatMap(bodyPointers);
  const readings = pointers.length === 0 ? undefined : readBody(body);
  let isInBody = false;
  for (const source of rules.keyFrom) {
    const sent = findIn(source, request, readings);
    if (sent === undefined) continue;
    if ("fault" in sent) return malformed(sent.fault);
    const fault = faultOf(sent, rules.keyFormat);
    if (fault !== undefined) return malformed(fault);
    keys.add(normaliseKey(sent.key));
    isInBody ||= bodyPointers(source).length > 0;
  }
  const [key, ...others] = keys;
  if (others.length > 0) return malformed("it is not the same in every place where it stands");
  const hidden = isInBody ? undefined : hiddenKeyFault(readings, pointers, key !== undefined);
  if (hidden !== undefined) return malformed(hidden);
  if (key !== undefined) return { kind: "key", key };
  return rules.missingKey === "pass"
    ? { kind: "none" }
    : { kind: "refuse", refusal: { code: "key_missing" } };
}

function malformed(fault: string): FoundKey {
  const detail = `It is refused because ${fault}.`;
  return { kind: "refuse", refusal: { code: "key_malformed", detail } };
}

function bodyPointers(source: KeySource): readonly string[] {
  if ("pointer" in source) return [source.pointer];
  return "pointers" in source ? source.pointers : [];
}

type Sent = BodyKey | undefined;

function findIn(source: KeySource, request: HttpRequest, readings: Readings | undefined): Sent {
  if ("header" in source) return headerValue(request, source);
  if ("path" in source) return parameterValue([request.pathParameter(source.path) ?? []].flat());
  if ("query" in source) return parameterValue(request.queryParameter(source.query));
  return readings && bodyValue(readings, source);
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

type BodySource = Extract<KeySource, { pointer: string } | { pointers: readonly string[] }>;

function bodyValue(readings: Readings, source: BodySource): Sent {
  return "pointers" in source
    ? keyOfAll(readings, source.pointers)
    : keyAt(readings, source.pointer);
}

const LONGEST_KEY = 255;

/** The most that is looked at, also where the format of a profile allows more. */
const LONGEST_SENT = 4_096;

function faultOf({ key, parts }: Extract<BodyKey, { key: string }>, format: KeyFormat) {
  const judged = parts === undefined || typeof format === "function" ? [key] : parts;
  return judged.map((text) => textFault(text, format)).find((fault) => fault !== undefined);
}

function textFault(key: string, format: KeyFormat): string | undefined {
  if (key.length === 0) return "it is empty";
  if (key.length > LONGEST_SENT) return tooLong(key, LONGEST_SENT);
  if (key.includes("\uFFFD")) return "it has characters that could not be decoded; send UTF-8";
  if (typeof format === "function") return format(key);
  if (format === "uuid" && !isUuid(key)) {
    return `it has ${key.length === 1 ? "one character" : `${key.length} characters`} and is not a UUID`;
  }
  if (key.length > LONGEST_KEY) return tooLong(key, LONGEST_KEY);
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : "it has characters other than visible ASCII (0x21 to 0x7E)";
}

function tooLong(key: string, most: number): string {
  return `it has ${key.length} characters; the most is ${most}`;
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
  const value = trimBlanks(sent);
  if (value.length > LONGEST_SENT) return { fault: tooLong(value, LONGEST_SENT) };
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
