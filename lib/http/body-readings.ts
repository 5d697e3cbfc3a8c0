import type { Body } from "./body.ts";
import { readTexts } from "./charset.ts";
import { announcedCoding, unpack } from "./content-encoding.ts";
import { parseMultipart } from "./multipart.ts";
import { CONTROLS, decodePairs } from "./pairs.ts";

/** One way in which a handler may read a body. */
export type Reading = JsonReading | { readonly kind: "fields"; readonly fields: readonly Field[] };

interface JsonReading {
  readonly kind: "json";
  readonly text: string;
  readonly value: unknown;
}

/** A field of a form or of a multipart form. */
export interface Field {
  readonly name: string;
  readonly value: string | Uint8Array;
  /** The reason for which handlers may read its value differently. */
  readonly fault?: string;
}

/** All ways in which handlers may read a body. */
export interface Readings {
  readonly readings: readonly Reading[];
  /** The reason for which the body may hold content that no reading shows; `undefined` = none. */
  readonly fault: string | undefined;
  /** An unread body that is certainly text: no control characters, no broken characters. */
  readonly text: string | undefined;
}

/**
 * Reads a body at least as leniently as any handler does: with its codings undone or ignored, in
 * every possible encoding, as JSON under any media type, as a form, as a multipart form, and from
 * base64 that the event does not announce.
 */
export function readBody(body: Body): Readings {
  const content = body.content();
  // Most bodies: declared and valid JSON has no other reading.
  const json = isPlainJson(body) ? readJson(body.raw as string) : undefined;
  if (json !== undefined && !isQuoted(json)) {
    return { readings: [json], fault: undefined, text: undefined };
  }
  const readings: Reading[] = [];
  let isRead = false;
  for (const bytes of listContents(body)) {
    const texts = decodeTexts(body, bytes);
    if (texts.every(isBlank)) return EMPTY_READINGS;
    const found = [
      ...texts.flatMap((one) => readText(body, one)),
      ...texts.flatMap((one) => readBase64(body, one)),
      ...readParts(body, bytes),
    ];
    readings.push(...found.map(({ reading }) => reading));
    isRead ||= found.some(({ isIntended }) => isIntended);
  }
  if (isRead) return { readings, fault: undefined, text: undefined };
  if ("fault" in content) return { readings, fault: content.fault, text: undefined };
  const [text = "", ...others] = decodeTexts(body, content.bytes);
  const isText = others.length === 0 && isCertain(text);
  return { readings, fault: UNREADABLE[body.kind], text: isText ? text : undefined };
}

function isPlainJson({ kind, raw, codings }: Body): boolean {
  return kind === "json" && typeof raw === "string" && codings.length === 0;
}

function decodeTexts({ charset }: Body, bytes: string | Uint8Array): readonly string[] {
  return typeof bytes === "string" ? [bytes] : readTexts(bytes, charset, true);
}

const EMPTY_READINGS: Readings = { readings: [], fault: undefined, text: "" };

const UNREADABLE: Readonly<Record<Body["kind"], string>> = {
  json: "it is not JSON",
  form: "it is neither a form nor JSON",
  multipart: "it is not a multipart form as RFC 7578 defines it, with its boundary in Content-Type",
  other: "it is neither JSON nor declared as a form",
};

/** A reading, and whether the sender intended it: then the body has no other content. */
interface FoundReading {
  readonly reading: Reading;
  readonly isIntended: boolean;
}

/**
 * The body unpacked, the body as it arrived, and both unpacked once more if their first bytes announce
 * a coding.
 */
function listContents(body: Body): readonly (string | Uint8Array)[] {
  const content = body.content();
  const all = new Set<string | Uint8Array>(
    "bytes" in content ? [content.bytes, body.raw] : [body.raw],
  );
  return [...all, ...[...all].flatMap(unpackAnnounced)];
}

function unpackAnnounced(bytes: string | Uint8Array): readonly Uint8Array[] {
  const coding = typeof bytes === "string" ? undefined : announcedCoding(bytes);
  if (typeof bytes === "string" || coding === undefined) return [];
  const unpacked = unpack(bytes, [coding]);
  return "fault" in unpacked ? [] : [unpacked.bytes];
}

/** Levels of a text inside a text that are read like a body; each may unpack to the maximum size. */
const MOST_INNER = 2;

function readText(body: Body, text: string, inner = MOST_INNER): readonly FoundReading[] {
  const { kind } = body;
  const json = readJson(text);
  const found: FoundReading[] = json === undefined ? [] : [{ reading: json, isIntended: true }];
  if (json !== undefined && isQuoted(json) && inner > 0) {
    found.push(...readInner(body, json.value, inner - 1));
  }
  // Under a JSON media type alone, JSON with "&" and "=" in it is certainly not intended as a form.
  if ((json !== undefined && kind === "json") || !text.includes("=")) return found;
  return [...found, ...readForm(kind, text.trim())];
}

function readForm(kind: Body["kind"], text: string): readonly FoundReading[] {
  // URLSearchParams drops a leading question mark.
  const pairs = decodePairs(text.startsWith("?") ? text.slice(1) : text);
  const fields = pairs.map(([name, value]) => ({ name, value }));
  // A client that declares a form and sends JSON turns the JSON into the name of a field.
  const name = pairs[0]?.[0] ?? "";
  const json = name.startsWith("{") ? readJson(name) : undefined;
  const isForm = isCertain(text) && !name.startsWith("{") && extractBase64(text) === undefined;
  return [
    { reading: { kind: "fields", fields }, isIntended: kind === "form" && isForm },
    ...(json === undefined ? [] : [{ reading: json, isIntended: kind === "form" }]),
  ];
}

function isQuoted(reading: JsonReading): reading is JsonReading & { readonly value: string } {
  return typeof reading.value === "string";
}

/** A body inside a JSON string may have any form of a body. */
function readInner(body: Body, text: string, inner: number): readonly FoundReading[] {
  const quoted: Body = { ...body, kind: "other" };
  return [...readText(quoted, text, inner), ...readBase64(quoted, text, inner)];
}

/** JSON, also with a byte order mark or blanks at its ends, which handlers cut off. */
function readJson(text: string): JsonReading | undefined {
  for (const one of [text, text.trim()]) {
    try {
      return { kind: "json", text: one, value: JSON.parse(one) };
    } catch {
      // Not JSON.
    }
  }
  return undefined;
}

/** Some clients and proxies send base64 that no header announces, and some handlers decode it. */
function readBase64(body: Body, text: string, inner = MOST_INNER): readonly FoundReading[] {
  const base64 = extractBase64(text);
  if (base64 === undefined) return [];
  const bytes = Buffer.from(base64, "base64");
  return [bytes, ...unpackAnnounced(bytes)].flatMap((one) =>
    decodeTexts(body, one).flatMap((decoded) => readText(body, decoded, inner)),
  );
}

/** The text without white space, where it may be base64. */
function extractBase64(text: string): string | undefined {
  const packed = BASE64_START.test(text) ? text.replace(/\s/g, "") : "";
  const isPadded = !packed.includes("=") || packed.length % 4 === 0;
  return isPadded && BASE64.test(packed) ? packed : undefined;
}

const BASE64_START = /^\s*[0-9A-Za-z+/_-]{4}/;
const BASE64 = /^[0-9A-Za-z+/_-]+={0,2}$/;

function readParts(body: Body, bytes: string | Uint8Array): readonly FoundReading[] {
  const isMarked = typeof bytes === "string" ? bytes.startsWith("--") : bytes[0] === 0x2d;
  if (body.kind !== "multipart" && !isMarked) return [];
  const buffer = Buffer.from(bytes);
  const declared = parseMultipart(buffer, body.boundary);
  const parts = declared ?? parseMultipart(buffer, firstBoundary(buffer));
  if (parts === undefined) return [];
  const fields = parts.flatMap(({ name, content, isFile, isEncoded }) =>
    name === undefined
      ? []
      : [{ name, value: content, ...(isFile && FILE_FAULT), ...(isEncoded && ENCODING_FAULT) }],
  );
  const isForm = body.mediaType === "multipart/form-data" && fields.length === parts.length;
  return [{ reading: { kind: "fields", fields }, isIntended: isForm && declared !== undefined }];
}

const FILE_FAULT = { fault: "it is a file; send it as a plain field" };
const ENCODING_FAULT = { fault: "it has a Content-Transfer-Encoding; send it without one" };

/** The boundary in the first line of a body, where no header names it. */
function firstBoundary(bytes: Buffer): string | undefined {
  const end = bytes.subarray(0, 100).indexOf("\r\n");
  return end < 2 ? undefined : bytes.toString("latin1", 2, end);
}

/** Whether the text was certainly decoded in its own encoding. */
function isCertain(text: string): boolean {
  return !CONTROLS.test(text) && !text.includes("\uFFFD");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
