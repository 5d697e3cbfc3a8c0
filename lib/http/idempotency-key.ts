import type { Refusal } from "../errors.ts";
import { isUuid, normaliseKey } from "../protocol/key.ts";
import type { Body } from "./body.ts";
import { type BodyKey, findHiddenKeyFault, readCompositeKey, readKeyAt } from "./body-key.ts";
import { type Readings, readBody } from "./body-readings.ts";
import { trimBlanks } from "./header-value.ts";
import type { HttpRequest } from "./request.ts";

/** A place of the key in a request. */
export type KeySource =
  /**
   * A header: a bare key, or a quoted string of RFC 8941. With `strict` only the quoted string, as
   * the Internet-Draft requires.
   */
  | { readonly header: string; readonly strict?: boolean }
  /**
   * A member of the body, as a JSON pointer (RFC 6901), for example `/externalId`: a string, or a
   * whole number that JavaScript holds exactly. The body may be JSON, a form or a multipart form, in
   * any encoding. A body that cannot be read is refused.
   */
  | { readonly pointer: string }
  /**
   * Several members of the body that form one key, for example `["/date", "/number"]`. A request
   * sends all of them, or none. The key is the JSON text of the list of their values, for example
   * `["2026-11-27","4711"]`.
   */
  | { readonly pointers: readonly string[] }
  /** A parameter of the route, by its name: `id` in `/transfers/{id}`. */
  | { readonly path: string }
  /** A parameter of the query, by its name. */
  | { readonly query: string };

/**
 * The accepted keys: any visible ASCII, UUIDs only, or a function that returns the fault of a key
 * (`undefined` = valid). The message to the client continues "The key is refused because" with that
 * fault. In a key of several members the first two check each part, a function checks the whole key.
 */
export type KeyFormat = "visible" | "uuid" | ((key: string) => string | undefined);

/** The places and the format of a profile's keys. */
export interface KeyRules {
  /** The places of the key. A request that sends a key in several places must send the same key in each. */
  readonly keyFrom: readonly KeySource[];
  /** The format of a key. A key in another format is refused with 400, and the handler does not run. */
  readonly keyFormat: KeyFormat;
  /** A request without a key is handled without protection, or refused. */
  readonly missingKey: "pass" | "refuse";
}

/** The key of a request, the permission to go on without one, or a refusal. */
export type FoundKey =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "none" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Finds the key of a request by the rules of its profile. */
export function findKey(request: HttpRequest, body: Body, rules: KeyRules): FoundKey {
  const keys = new Set<string>();
  const pointers = rules.keyFrom.flatMap(listBodyPointers);
  const readings = pointers.length === 0 ? undefined : readBody(body);
  let isInBody = false;
  for (const source of rules.keyFrom) {
    const sent = readSource(source, request, readings);
    if (sent === undefined) continue;
    if ("fault" in sent) return refuseKey(sent.fault);
    const fault = findKeyFault(sent, rules.keyFormat);
    if (fault !== undefined) return refuseKey(fault);
    keys.add(normaliseKey(sent.key));
    isInBody ||= listBodyPointers(source).length > 0;
  }
  const [key, ...others] = keys;
  if (others.length > 0) {
    return refuseKey("its places hold different keys; send the same key in every place");
  }
  const hidden = isInBody ? undefined : findHiddenKeyFault(readings, pointers, key !== undefined);
  if (hidden !== undefined) return refuseKey(hidden);
  if (key !== undefined) return { kind: "key", key };
  return rules.missingKey === "pass"
    ? { kind: "none" }
    : { kind: "refuse", refusal: { code: "key_missing" } };
}

function refuseKey(fault: string): FoundKey {
  const detail = `The key is refused because ${fault}.`;
  return { kind: "refuse", refusal: { code: "key_malformed", detail } };
}

function listBodyPointers(source: KeySource): readonly string[] {
  if ("pointer" in source) return [source.pointer];
  return "pointers" in source ? source.pointers : [];
}

type SentKey = BodyKey | undefined;

function readSource(
  source: KeySource,
  request: HttpRequest,
  readings: Readings | undefined,
): SentKey {
  if ("header" in source) return readHeaderKey(request, source);
  if ("path" in source) return readParameterKey([request.pathParameter(source.path) ?? []].flat());
  if ("query" in source) return readParameterKey(request.queryParameter(source.query));
  return readings && readBodyKey(readings, source);
}

function readParameterKey([value, ...others]: readonly string[]): SentKey {
  if (value === undefined) return undefined;
  if (others.length > 0) return { fault: `it was sent ${1 + others.length} times; send it once` };
  // All bytes that are invalid in UTF-8 become this one character.
  return value.includes("\uFFFD")
    ? { fault: "its percent escapes are not UTF-8; send UTF-8" }
    : { key: value };
}

function readHeaderKey(
  request: HttpRequest,
  { header, strict = false }: Extract<KeySource, { header: string }>,
): SentKey {
  const [value, ...others] = request.header(header);
  if (value === undefined) return undefined;
  if (others.length > 0) return { fault: `it was sent ${1 + others.length} times; send it once` };
  return parseHeaderKey(value, strict);
}

type BodySource = Extract<KeySource, { pointer: string } | { pointers: readonly string[] }>;

function readBodyKey(readings: Readings, source: BodySource): SentKey {
  return "pointers" in source
    ? readCompositeKey(readings, source.pointers)
    : readKeyAt(readings, source.pointer);
}

const LONGEST_KEY = 255;

/** A longer key is refused, even if the format of the profile allows it. */
const LONGEST_SENT = 4_096;

function findKeyFault({ key, parts }: Extract<BodyKey, { key: string }>, format: KeyFormat) {
  const judged = parts === undefined || typeof format === "function" ? [key] : parts;
  return judged.map((text) => findTextFault(text, format)).find((fault) => fault !== undefined);
}

function findTextFault(key: string, format: KeyFormat): string | undefined {
  if (key.length === 0) return "it is empty";
  if (key.length > LONGEST_SENT) return describeLength(key, LONGEST_SENT);
  if (key.includes("\uFFFD")) return "it has characters that could not be decoded; send UTF-8";
  if (typeof format === "function") return format(key);
  if (format === "uuid" && !isUuid(key)) {
    return `it has ${key.length === 1 ? "one character" : `${key.length} characters`} and is not a UUID; send a UUID, for example 8e03978e-40d5-43e8-bc93-6894a57f9324`;
  }
  if (key.length > LONGEST_KEY) return describeLength(key, LONGEST_KEY);
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : "it has characters other than visible ASCII (0x21 to 0x7E); send visible ASCII only";
}

function describeLength(key: string, most: number): string {
  return `it has ${key.length} characters; the maximum is ${most}`;
}

/**
 * Reads the key from the value of its header, bare or as a string of RFC 8941 (`"abc"` and `abc` are
 * the same key).
 *
 * A bare key has no comma, semicolon or quote. With a comma, one key would look like two headers that
 * a proxy has joined. `"abc";v=1` is a string with parameters, which the header does not define.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8941#section-3.3.3
 */
function parseHeaderKey(sent: string, strict: boolean): { key: string } | { fault: string } {
  const value = trimBlanks(sent);
  if (value.length > LONGEST_SENT) return { fault: describeLength(value, LONGEST_SENT) };
  const isBare = !value.startsWith('"');
  if (isBare && strict) {
    return {
      fault:
        'it is not quoted; send the key in quotes, for example "8e03978e-40d5-43e8-bc93-6894a57f9324"',
    };
  }
  const key = isBare ? checkBareKey(value) : unquote(value);
  if (key !== undefined) return { key };
  return {
    fault:
      "it is neither a bare key (no comma, semicolon or quote) nor one quoted string; send one key, for example 8e03978e-40d5-43e8-bc93-6894a57f9324",
  };
}

function checkBareKey(value: string): string | undefined {
  return /[",;]/.test(value) ? undefined : value;
}

/** The content of a quoted string; `"` and `\` are its only escapes. */
function unquote(value: string): string | undefined {
  const content = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1];
  return content?.replace(/\\(.)/g, "$1");
}
