import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { ClientRequest } from "./apis.ts";

/** A request as its bytes are sent. */
export interface EncodedRequest extends Omit<ClientRequest, "body"> {
  readonly body: Uint8Array<ArrayBuffer>;
}

/** How a client may write one body: the same request, whichever it is. */
const ENCODINGS = {
  plain: asText((text) => Buffer.from(text)),
  "byte order mark": asText((text) => Buffer.from(`\uFEFF${text}`)),
  "UTF-16, little end first": asText((text) => Buffer.from(`\uFEFF${text}`, "utf16le")),
  "UTF-16, big end first": asText((text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()),
  gzip: compressed("gzip", gzipSync),
  deflate: compressed("deflate", deflateSync),
  brotli: compressed("br", brotliCompressSync),
  "gzip with a byte order mark": compressed("gzip", (bytes) =>
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

function asText(write: (text: string) => Buffer) {
  return (request: ClientRequest): EncodedRequest => ({
    ...request,
    body: new Uint8Array(write(request.body)),
  });
}

function compressed(contentEncoding: string, compress: (bytes: Uint8Array) => Buffer) {
  return (request: ClientRequest): EncodedRequest => ({
    ...request,
    headers: { ...request.headers, "content-encoding": contentEncoding },
    body: new Uint8Array(compress(Buffer.from(request.body))),
  });
}
