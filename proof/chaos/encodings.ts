import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { ClientRequest } from "./apis.ts";

/** A request with its body in bytes. */
export interface EncodedRequest extends Omit<ClientRequest, "body"> {
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The encodings in which a client may write one body; the request is the same in each. */
const ENCODINGS = {
  plain: encodeText((text) => Buffer.from(text)),
  "byte order mark": encodeText((text) => Buffer.from(`\uFEFF${text}`)),
  "UTF-16, little end first": encodeText((text) => Buffer.from(`\uFEFF${text}`, "utf16le")),
  "UTF-16, big end first": encodeText((text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()),
  gzip: compressBody("gzip", gzipSync),
  deflate: compressBody("deflate", deflateSync),
  brotli: compressBody("br", brotliCompressSync),
  "gzip with a byte order mark": compressBody("gzip", (bytes) =>
    gzipSync(Buffer.concat([Buffer.from("\uFEFF"), bytes])),
  ),
} satisfies Record<string, (request: ClientRequest) => EncodedRequest>;

export type EncodingName = keyof typeof ENCODINGS;

export const ENCODING_NAMES = Object.keys(ENCODINGS) as [EncodingName, ...EncodingName[]];

/** Writes a request in one of the encodings. A form has no byte order mark: no parser drops it. */
export function encode(name: EncodingName, request: ClientRequest): EncodedRequest {
  const isForm = request.headers["content-type"] === "application/x-www-form-urlencoded";
  return ENCODINGS[isForm && !COMPRESSIONS.includes(name) ? "plain" : name](request);
}

const COMPRESSIONS: readonly EncodingName[] = ["gzip", "deflate", "brotli"];

function encodeText(write: (text: string) => Buffer) {
  return (request: ClientRequest): EncodedRequest => ({
    ...request,
    body: new Uint8Array(write(request.body)),
  });
}

function compressBody(contentEncoding: string, compress: (bytes: Uint8Array) => Buffer) {
  return (request: ClientRequest): EncodedRequest => ({
    ...request,
    headers: { ...request.headers, "content-encoding": contentEncoding },
    body: new Uint8Array(compress(Buffer.from(request.body))),
  });
}
