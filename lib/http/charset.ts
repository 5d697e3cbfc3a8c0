/**
 * The possible texts of these bytes: by their byte order mark, by the declared charset, by the zero
 * bytes of UTF-16 and UTF-32, and in UTF-8, as most handlers read them. Each text appears once,
 * without the mark.
 *
 * @param isLossy whether invalid bytes become U+FFFD, as in `Buffer.toString()`; otherwise an
 *   encoding in which the bytes are invalid gives no text.
 */
export function readTexts(
  bytes: Uint8Array,
  charset: string | undefined,
  isLossy: boolean,
): readonly string[] {
  const marked = markedEncoding(bytes);
  const texts = new Set<string>();
  for (const encoding of marked === undefined
    ? unmarkedEncodings(bytes, charset)
    : [marked, "utf-8"]) {
    const text = decode(bytes, encoding, isLossy);
    if (text !== undefined) texts.add(text);
  }
  return [...texts];
}

/** Whether the charset is an encoding of Unicode, or the ASCII part of it. */
export function isUnicode(charset: string): boolean {
  return /^(utf-?8|utf-?16(le|be)?|utf-?32(le|be)?|us-ascii)$/.test(charset);
}

/** Whether this Node can decode the charset. */
export function isKnown(charset: string): boolean {
  return decode(new Uint8Array(), charset, true) !== undefined;
}

/** The encoding that a byte order mark names. */
function markedEncoding([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) {
    return third === 0 && fourth === 0 ? "utf-32le" : "utf-16le";
  }
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0 && second === 0 && third === 0xfe && fourth === 0xff ? "utf-32be" : undefined;
}

function unmarkedEncodings(bytes: Uint8Array, charset = "utf-8"): ReadonlySet<string> {
  const zeros = zeroPattern(bytes);
  // "utf-16" does not name the order of the bytes; the zero bytes show it.
  const declared = zeros?.startsWith(charset) ? zeros : charset;
  return new Set([declared, zeros ?? declared, "utf-8"]);
}

/**
 * The encoding that the zero bytes show. JSON and forms begin with an ASCII character.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4627#section-3
 */
function zeroPattern([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (first !== 0 && second === 0) return third === 0 && fourth === 0 ? "utf-32le" : "utf-16le";
  if (first === 0 && second !== 0) return "utf-16be";
  return first === 0 && third === 0 && fourth !== 0 ? "utf-32be" : undefined;
}

function decode(bytes: Uint8Array, encoding: string, isLossy: boolean): string | undefined {
  const wide = /^utf-?32(le|be)?$/.exec(encoding);
  if (wide !== null) return decodeUtf32(bytes, wide[1] === "le", isLossy);
  try {
    return decoder(encoding, isLossy).decode(bytes);
  } catch {
    // An unknown charset, or bytes that are invalid in it.
  }
  return undefined;
}

/** The decoders of UTF-8 are created once. */
const UTF8 = { lossy: new TextDecoder(), fatal: new TextDecoder("utf-8", { fatal: true }) };

function decoder(encoding: string, isLossy: boolean) {
  if (encoding === "utf-8") return isLossy ? UTF8.lossy : UTF8.fatal;
  return new TextDecoder(encoding, { fatal: !isLossy });
}

/** `TextDecoder` does not know UTF-32. */
function decodeUtf32(
  bytes: Uint8Array,
  isLittleEndian: boolean,
  isLossy: boolean,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWhole = bytes.byteLength % 4 === 0;
  if (!isWhole && !isLossy) return undefined;
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const point = view.getUint32(at, isLittleEndian);
    const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    if (!isCharacter && !isLossy) return undefined;
    parts.push(isCharacter ? String.fromCodePoint(point) : "\uFFFD");
  }
  const text = parts.join("") + (isWhole ? "" : "\uFFFD");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
