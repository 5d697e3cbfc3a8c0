import { parseParameterised } from "./header-value.ts";

/** One part of a multipart body. */
export interface Part {
  /** Name of the field; `undefined` = the part has no name. */
  readonly name: string | undefined;
  readonly isFile: boolean;
  /** Its headers as one canonical text: neither their order nor their spelling counts. */
  readonly headers: string;
  readonly content: Uint8Array;
  /** Whether the content is in base64 or quoted-printable, which only some parsers decode. */
  readonly isEncoded: boolean;
}

/** RFC 2046 allows 70 characters. The bound keeps the search linear. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/**
 * Reads a multipart body if all parsers agree on it; otherwise returns `undefined`. The grammar
 * therefore holds to the letter: lines end with CRLF, the last boundary is present, and the boundary
 * appears nowhere else.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function parseMultipart(
  body: Uint8Array,
  boundary: string | undefined,
): readonly Part[] | undefined {
  if (boundary === undefined || !BOUNDARY.test(boundary)) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = `--${boundary}`;
  const parts: Part[] = [];
  let start: number | undefined;
  for (let at = bytes.indexOf(delimiter); at !== -1; ) {
    if (at > 0 && !isLineEnd(bytes, at - 2)) return undefined;
    if (start !== undefined) {
      const part = start <= at - 2 ? readPart(bytes.subarray(start, at - 2)) : undefined;
      if (part === undefined) return undefined;
      parts.push(part);
    }
    const end = at + delimiter.length;
    const next = bytes.indexOf(delimiter, end);
    if (isLineEnd(bytes, end)) start = end + 2;
    else return isLast(bytes, end) && next === -1 ? parts : undefined;
    at = next;
  }
  return undefined;
}

function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a;
}

function isLast(bytes: Uint8Array, at: number): boolean {
  const isClosed = bytes[at] === 0x2d && bytes[at + 1] === 0x2d;
  return isClosed && (at + 2 === bytes.length || isLineEnd(bytes, at + 2));
}

/** A part with longer headers is refused; real headers are small. */
const MOST_HEADER_BYTES = 16_384;

function readPart(bytes: Buffer): Part | undefined {
  const isBare = isLineEnd(bytes, 0);
  const end = isBare ? 0 : bytes.subarray(0, MOST_HEADER_BYTES).indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const lines = isBare ? [] : bytes.toString("utf8", 0, end).split("\r\n");
  const headers = lines.map(readHeader);
  const names = headers.map((header) => header?.name);
  const isExact = headers.every((header) => header !== undefined);
  if (!isExact || new Set(names).size < names.length) return undefined;
  const content = bytes.subarray(isBare ? 2 : end + 4);
  const value = (name: string) => headers.find((header) => header.name === name)?.value;
  const disposition = parseParameterised(value("content-disposition") ?? "");
  const parameters = new Map(disposition.parameters);
  const name = parameters.get("name");
  // Only some parsers read an extended or an escaped name.
  if (!disposition.isExact || name?.includes("\\") || parameters.has("name*")) return undefined;
  const transferEncoding = value("content-transfer-encoding")?.toLowerCase();
  return {
    name,
    isFile: parameters.has("filename") || parameters.has("filename*"),
    headers: JSON.stringify([
      disposition.value,
      disposition.parameters.toSorted(compareByName),
      headers
        .filter((header) => !UNCOUNTED.has(header.name))
        .map((header) => [header.name, header.value] as const)
        .toSorted(compareByName),
    ]),
    content,
    isEncoded: !["7bit", "8bit", "binary", undefined].includes(transferEncoding),
  };
}

/** The disposition counts by its parsed value, and the content implies its length. */
const UNCOUNTED = new Set(["content-disposition", "content-length"]);

/** Parsers disagree about a folded line, and about one with bytes that are invalid in UTF-8. */
function readHeader(line: string): { readonly name: string; readonly value: string } | undefined {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon).toLowerCase();
  const isExact = colon > 0 && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && !NOT_EXACT.test(line);
  return isExact ? { name, value: line.slice(colon + 1).trim() } : undefined;
}

const NOT_EXACT = /(?!\t)[\p{Cc}\uFFFD]/u;

function compareByName(
  [one]: readonly [string, string],
  [other]: readonly [string, string],
): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
