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
  /** Why its value is not a text that every handler reads the same. */
  readonly fault?: string;
}

/** All ways in which handlers may read a body. */
export interface Readings {
  readonly readings: readonly Reading[];
  /** Why the body may say something that no reading shows; `undefined` = it cannot. */
  readonly fault: string | undefined;
  /** A body that is not read, where it is text for certain, without controls or broken characters. */
  readonly text: string | undefined;
}

/**
 * Reads a body at least as leniently as any handler does: with its codings undone or ignored, in
 * every encoding that it may be in, as JSON under any media type, as a form, as a multipart form,
 * and from base64 that the event does not announce.
 */
export function readBody(body: Body): Readings {
  const content = body.content();
  // Most bodies: nothing else can be read in a text that is JSON, and says so.
  const json = isPlainJson(body) ? readJson(body.raw as string) : undefined;
  if (json !== undefined && !isQuoted(json)) {
    return { readings: [json], fault: undefined, text: undefined };
  }
  const readings: Reading[] = [];
  let isRead = false;
  for (const bytes of contents(body)) {
    const texts = textsIn(body, bytes);
    if (texts.every(isBlank)) return EMPTY;
    const found = [
      ...texts.flatMap((one) => readText(body, one)),
      ...texts.flatMap((one) => readBase64(body, one)),
      ...readParts(body, bytes),
    ];
    readings.push(...found.map(({ reading }) => reading));
    isRead ||= found.some(({ isMeant }) => isMeant);
  }
  if (isRead) return { readings, fault: undefined, text: undefined };
  if ("fault" in content) return { readings, fault: content.fault, text: undefined };
  const [text = "", ...others] = textsIn(body, content.bytes);
  const isText = others.length === 0 && isCertain(text);
  return { readings, fault: UNREADABLE[body.kind], text: isText ? text : undefined };
}

function isPlainJson({ kind, raw, codings }: Body): boolean {
  return kind === "json" && typeof raw === "string" && codings.length === 0;
}

function textsIn({ charset }: Body, bytes: string | Uint8Array): readonly string[] {
  return typeof bytes === "string" ? [bytes] : readTexts(bytes, charset, true);
}

const EMPTY: Readings = { readings: [], fault: undefined, text: "" };

const UNREADABLE: Readonly<Record<Body["kind"], string>> = {
  json: "it is not JSON",
  form: "it is neither a form nor JSON",
  multipart:
    "it is not a multipart form, with its boundary in Content-Type, in the form of RFC 7578",
  other: "it is neither JSON nor declared as a form",
};

/** A reading, and whether the sender meant it: then the body says nothing else. */
interface Found {
  readonly reading: Reading;
  readonly isMeant: boolean;
}

/** The body unpacked, as it came, and each of these once more where it begins as if it were packed. */
function contents(body: Body): readonly (string | Uint8Array)[] {
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

/** How often a text in a text is read again as any body may be; each time may unpack as much as is allowed. */
const MOST_INNER = 2;

function readText(body: Body, text: string, inner = MOST_INNER): readonly Found[] {
  const { kind } = body;
  const json = readJson(text);
  const found: Found[] = json === undefined ? [] : [{ reading: json, isMeant: true }];
  if (json !== undefined && isQuoted(json) && inner > 0) {
    found.push(...readInner(body, json.value, inner - 1));
  }
  // Only there JSON that holds "&" and "=" is certainly not meant as a form.
  if ((json !== undefined && kind === "json") || !text.includes("=")) return found;
  return [...found, ...readForm(kind, text.trim())];
}

function readForm(kind: Body["kind"], text: string): readonly Found[] {
  // URLSearchParams drops a question mark.
  const pairs = decodePairs(text.startsWith("?") ? text.slice(1) : text);
  const fields = pairs.map(([name, value]) => ({ name, value }));
  // A client that declares a form and sends JSON makes a name of it.
  const name = pairs[0]?.[0] ?? "";
  const json = name.startsWith("{") ? readJson(name) : undefined;
  const isForm = isCertain(text) && !name.startsWith("{") && base64In(text) === undefined;
  return [
    { reading: { kind: "fields", fields }, isMeant: kind === "form" && isForm },
    ...(json === undefined ? [] : [{ reading: json, isMeant: kind === "form" }]),
  ];
}

function isQuoted(reading: JsonReading): reading is JsonReading & { readonly value: string } {
  return typeof reading.value === "string";
}

/** A body that was quoted as a JSON text may be anything that a body may be. */
function readInner(body: Body, text: string, inner: number): readonly Found[] {
  const quoted: Body = { ...body, kind: "other" };
  return [...readText(quoted, text, inner), ...readBase64(quoted, text, inner)];
}

/** JSON, also with marks and blanks at its ends that handlers cut off. */
function readJson(text: string): JsonReading | undefined {
  for (const one of [text, text.trim()]) {
    try {
      return { kind: "json", text: one, value: JSON.parse(one) };
    } catch {
      // No JSON as it stands.
    }
  }
  return undefined;
}

/** Some clients and proxies send base64, and some handlers decode it, without saying so. */
function readBase64(body: Body, text: string, inner = MOST_INNER): readonly Found[] {
  const base64 = base64In(text);
  if (base64 === undefined) return [];
  const bytes = Buffer.from(base64, "base64");
  return [bytes, ...unpackAnnounced(bytes)].flatMap((one) =>
    textsIn(body, one).flatMap((decoded) => readText(body, decoded, inner)),
  );
}

/** The text without blanks and line ends, where it may be base64. */
function base64In(text: string): string | undefined {
  const packed = BASE64_START.test(text) ? text.replace(/\s/g, "") : "";
  const isPadded = !packed.includes("=") || packed.length % 4 === 0;
  return isPadded && BASE64.test(packed) ? packed : undefined;
}

const BASE64_START = /^\s*[0-9A-Za-z+/_-]{4}/;
const BASE64 = /^[0-9A-Za-z+/_-]+={0,2}$/;

function readParts(body: Body, bytes: string | Uint8Array): readonly Found[] {
  const isMarked = typeof bytes === "string" ? bytes.startsWith("--") : bytes[0] === 0x2d;
  if (body.kind !== "multipart" && !isMarked) return [];
  const buffer = Buffer.from(bytes);
  const declared = parseMultipart(buffer, body.boundary);
  const parts = declared ?? parseMultipart(buffer, firstBoundary(buffer));
  if (parts === undefined) return [];
  const fields = parts.flatMap(({ name, content, isFile, isEncoded }) =>
    name === undefined
      ? []
      : [{ name, value: content, ...(isFile && A_FILE), ...(isEncoded && ENCODED) }],
  );
  const isForm = body.mediaType === "multipart/form-data" && fields.length === parts.length;
  return [{ reading: { kind: "fields", fields }, isMeant: isForm && declared !== undefined }];
}

const A_FILE = { fault: "it is a file; send it as a field" };
const ENCODED = { fault: "it has a Content-Transfer-Encoding; send it as it is" };

/** The boundary by which a body begins, where no header names it. */
function firstBoundary(bytes: Buffer): string | undefined {
  const end = bytes.subarray(0, 100).indexOf("\r\n");
  return end < 2 ? undefined : bytes.toString("latin1", 2, end);
}

/** Whether the text was decoded as what it is. */
function isCertain(text: string): boolean {
  return !CONTROLS.test(text) && !text.includes("\uFFFD");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
