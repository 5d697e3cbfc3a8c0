import { isUtf8 } from "node:buffer";
import * as zlib from "node:zlib";
import type { HttpRequest } from "./request.ts";
import { type HttpResponse, headerValues, withHeader, withoutHeaders } from "./response.ts";

/** Lambda's largest response is 6 MB. A body that unpacks to more is not decoded. */
const LARGEST_BODY_BYTES = 6 * 1024 * 1024;

/** Digests of the encoded bytes, wrong for the decoded ones. */
const DIGESTS = new Set(["content-md5", "digest", "content-digest", "repr-digest"]);

/**
 * A stored response in a content coding that this client accepts. The first response was encoded for
 * its own client; a repeat may come from a client that cannot decode it. Without `Accept-Encoding`
 * RFC 9110 (section 12.5.3) allows any coding, but a client that does not send the header can seldom
 * decode one, so it gets the plain bytes.
 *
 * A body that cannot be decoded stays unchanged.
 */
export function inAcceptedCoding(response: HttpResponse, request: HttpRequest): HttpResponse {
  const codings = headerValues(response, "content-encoding")
    .flatMap(listMembers)
    .filter((coding) => coding !== "identity");
  if (codings.length === 0 || response.body === undefined) return response;
  const accepted = readAccepted(request.header("accept-encoding"));
  if (codings.every((coding) => isAccepted(coding, accepted))) return response;
  const bytes = decode(response, codings);
  return bytes === undefined ? response : replaceBody(response, bytes);
}

/** Quality by coding, from the header's values. */
function readAccepted(values: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    values.flatMap(listMembers).map((member) => {
      const [coding = "", ...parameters] = member.split(";").map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith("q="));
      return [coding, quality === undefined ? 1 : Number(quality.slice(2))];
    }),
  );
}

function isAccepted(coding: string, accepted: ReadonlyMap<string, number>): boolean {
  const [name, alias] = coding.startsWith("x-")
    ? [coding.slice(2), coding]
    : [coding, `x-${coding}`];
  const quality = accepted.get(name) ?? accepted.get(alias) ?? accepted.get("*") ?? 0;
  return quality > 0;
}

function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

const DECODERS: Readonly<Record<string, Decode | undefined>> = {
  gzip: zlib.gunzipSync,
  "x-gzip": zlib.gunzipSync,
  // Some servers send raw deflate, without the header of the zlib format.
  deflate: (bytes, options) => {
    try {
      return zlib.inflateSync(bytes, options);
    } catch {
      return zlib.inflateRawSync(bytes, options);
    }
  },
  br: zlib.brotliDecompressSync,
  // Node 22.15 and later.
  zstd: (zlib as { zstdDecompressSync?: Decode }).zstdDecompressSync,
};

/** @param codings in the order in which they were applied. */
function decode({ body, isBase64Encoded }: HttpResponse, codings: string[]): Buffer | undefined {
  try {
    let bytes: Buffer = Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8");
    for (const coding of codings.toReversed()) {
      const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
      if (decoder === undefined) return undefined;
      bytes = decoder(bytes, { maxOutputLength: LARGEST_BODY_BYTES });
    }
    return bytes;
  } catch {
    return undefined;
  }
}

function replaceBody(response: HttpResponse, bytes: Buffer): HttpResponse {
  const isText = isUtf8(bytes);
  let plain = withoutHeaders(
    { ...response, body: bytes.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText },
    (name) => name === "content-encoding" || DIGESTS.has(name),
  );
  if (headerValues(plain, "content-length").length > 0) {
    plain = withHeader(plain, "content-length", String(bytes.length));
  }
  const [etag] = headerValues(plain, "etag");
  // The bytes differ from the first response, so a strong ETag becomes a weak one.
  if (etag?.startsWith('"')) plain = withHeader(plain, "etag", `W/${etag}`);
  const vary = headerValues(plain, "vary");
  const isVaried = vary
    .flatMap(listMembers)
    .some((name) => ["*", "accept-encoding"].includes(name));
  return isVaried ? plain : withHeader(plain, "vary", [...vary, "Accept-Encoding"].join(", "));
}
