import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** The parts of an event with a body. */
export interface BodyEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
}

/** API Gateway's limit for a request. A small request must not unpack to more than that. */
const BOUND = { maxOutputLength: 10 * 1024 * 1024 };

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, BOUND),
  deflate: (bytes) => inflateSync(bytes, BOUND),
  br: (bytes) => brotliDecompressSync(bytes, BOUND),
};

/**
 * The text of a body in the encodings that clients use: compressed, with a byte order mark, in UTF-16.
 *
 * @returns `undefined` if the body is not text in any of these encodings.
 */
export function bodyText({ headers = {}, body = "", isBase64Encoded }: BodyEvent) {
  try {
    const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
    return decodeText(unpack(bytes, headers["content-encoding"]));
  } catch {
    // The data is broken, the encoding is not in the list, or the text exceeds the bound.
  }
  return undefined;
}

/** Undoes the content encodings, the last first: the client applied it last. */
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
