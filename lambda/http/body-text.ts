import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** The parts of an event with a body. */
export interface BodyEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
}

/** API Gateway takes no larger request; a small one must not unpack to more than that either. */
const BOUND = { maxOutputLength: 10 * 1024 * 1024 };

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, BOUND),
  deflate: (bytes) => inflateSync(bytes, BOUND),
  br: (bytes) => brotliDecompressSync(bytes, BOUND),
};

/**
 * The text of a body in the encodings that clients use: compressed, with a byte order mark, in UTF-16.
 *
 * @returns `undefined` if it is no text in any of them.
 */
export function bodyText({ headers = {}, body = "", isBase64Encoded }: BodyEvent) {
  try {
    const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
    return decodeText(unpack(bytes, headers["content-encoding"]));
  } catch {
    // Broken data, an encoding that is not in the list, or more than the bound.
  }
  return undefined;
}

/** Undoes the content encodings; the last one was applied last. */
function unpack(bytes: Uint8Array, encodings = ""): Uint8Array {
  const names = encodings.toLowerCase().split(",");
  return names
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
    .reduceRight((packed, name) => {
      const decode = DECODERS[name];
      if (decode === undefined) throw new RangeError(name);
      return decode(packed);
    }, bytes);
}

/** The decoders drop the byte order mark. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  let charset = "utf-8";
  if (first === 0xff && second === 0xfe) charset = "utf-16le";
  if (first === 0xfe && second === 0xff) charset = "utf-16be";
  return new TextDecoder(charset, { fatal: true }).decode(bytes);
}
