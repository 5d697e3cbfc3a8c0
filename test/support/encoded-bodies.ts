import * as zlib from "node:zlib";
import fc from "fast-check";
import { ENCODERS, quickBrotli } from "./encodings.ts";
import { httpApiEvent } from "./events.ts";

/** The encoding in which a client sends a body. */
export interface Sending {
  readonly encoding: string;
  readonly isMarked: boolean;
  /** Whether the media type names the encoding. */
  readonly isDeclared: boolean;
  readonly mediaType: string;
  readonly codings: readonly string[];
  /** Whether Content-Encoding names the codings. */
  readonly isAnnounced: boolean;
  /** In base64, as API Gateway sends bytes; "unannounced": base64 that the event does not announce. */
  readonly transport: "base64" | "text" | "unannounced";
}

const PACK: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: quickBrotli,
  zstd: zlib.zstdCompressSync,
};

const JSON_TYPES = ["application/json", "application/vnd.gluwa.v1+json"];
const OTHER_TYPES = ["", "text/plain", "application/octet-stream", "application/xml"];
export const FORM = "application/x-www-form-urlencoded";

export const sendings: fc.Arbitrary<Sending> = fc.record({
  encoding: fc.constantFrom(...Object.keys(ENCODERS)),
  isMarked: fc.boolean(),
  isDeclared: fc.boolean(),
  mediaType: fc.constantFrom(...JSON_TYPES, ...OTHER_TYPES, FORM),
  codings: fc.array(fc.constantFrom(...Object.keys(PACK)), { maxLength: 2 }),
  isAnnounced: fc.boolean(),
  transport: fc.constantFrom("base64", "text", "unannounced"),
});

/** Whether the headers announce every encoding, as HTTP requires. */
export function isFaithful(sending: Sending): boolean {
  const { transport, codings, isAnnounced, mediaType } = sending;
  return (
    JSON_TYPES.includes(mediaType) &&
    transport !== "unannounced" &&
    (codings.length === 0 || (isAnnounced && transport === "base64")) &&
    (transport === "base64" || sending.encoding === "utf-8")
  );
}

/** The event in which a text arrives. */
export function sentEvent(text: string, sending: Sending, path = "/v1/transactions") {
  const { encoding, isMarked, isDeclared, mediaType, codings, isAnnounced, transport } = sending;
  const encoded = ENCODERS[encoding]?.((isMarked ? "\uFEFF" : "") + text) as Uint8Array;
  const bytes = codings.reduce<Uint8Array>((one, coding) => PACK[coding]?.(one) as never, encoded);
  const base64 = Buffer.from(bytes).toString("base64");
  return httpApiEvent({
    path,
    headers: {
      "Content-Type": isDeclared ? `${mediaType}; charset=${encoding}` : mediaType,
      ...(isAnnounced && codings.length > 0 && { "Content-Encoding": codings.join(", ") }),
    },
    body:
      transport === "base64"
        ? bytes
        : transport === "unannounced"
          ? base64
          : // A gateway makes text of all bytes.
            Buffer.from(bytes).toString("utf8"),
  });
}
