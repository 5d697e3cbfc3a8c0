import { brotliCompressSync, constants } from "node:zlib";

/** Texts as bytes, by the name of the encoding. A byte order mark is written if the text has one. */
export const ENCODERS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "utf-8": (text) => Buffer.from(text, "utf8"),
  "utf-16le": (text) => Buffer.from(text, "utf16le"),
  "utf-16be": (text) => Buffer.from(text, "utf16le").swap16(),
  "utf-32le": (text) => utf32(text),
  "utf-32be": (text) => Buffer.from(utf32(text)).swap32(),
};

function utf32(text: string): Buffer {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(points.length * 4);
  for (const [at, point] of points.entries()) bytes.writeUInt32LE(point, at * 4);
  return bytes;
}

/** The highest quality, which is the default, takes ten times as long. */
export function quickBrotli(bytes: Uint8Array): Uint8Array {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}
