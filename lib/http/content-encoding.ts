import * as zlib from "node:zlib";

/** The bytes of a body with its codings undone, or the fault that prevents it. */
export type Unpacked = { readonly bytes: Uint8Array } | { readonly fault: string };

/** API Gateway accepts 10 MB and a load balancer 1 MB; a body that unpacks to more than this is an attack. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Each coding may unpack to the maximum size, so their number is bounded. */
const MOST_CODINGS = 4;

type Unpack = (bytes: Uint8Array, options: { maxOutputLength: number; info: boolean }) => unknown;

/** The codings of RFC 9110, section 8.4.1, and RFC 8878 (zstd, which an older Node cannot undo). */
const UNPACK: Readonly<Record<string, readonly Unpack[] | undefined>> = {
  gzip: [zlib.gunzipSync],
  "x-gzip": [zlib.gunzipSync],
  // The name means the zlib format; old clients send raw deflate.
  deflate: [zlib.inflateSync, zlib.inflateRawSync],
  br: [zlib.brotliDecompressSync],
  ...(typeof zlib.zstdDecompressSync === "function" && { zstd: [zlib.zstdDecompressSync] }),
};

/** The names in the values of `Content-Encoding`, in the order in which they were applied. */
export function contentCodings(values: readonly string[]): readonly string[] {
  return values
    .flatMap((value) => value.split(","))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
}

/** Undoes codings, the last first. The output is bounded for every input. */
export function unpack(bytes: Uint8Array, codings: readonly string[]): Unpacked {
  if (codings.length > MOST_CODINGS) {
    return { fault: `it has ${codings.length} content codings; the maximum is ${MOST_CODINGS}` };
  }
  let unpacked: Unpacked = { bytes };
  for (const coding of codings.toReversed()) {
    if ("fault" in unpacked) break;
    unpacked = unpackOne(unpacked.bytes, coding);
  }
  return unpacked;
}

/** The coding that the first bytes announce. Brotli has no such bytes. */
export function announcedCoding(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0x1f && second === 0x8b) return "gzip";
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return "zstd";
  const isZlib = first === 0x78 && second !== undefined && (first * 256 + second) % 31 === 0;
  return isZlib ? "deflate" : undefined;
}

function unpackOne(bytes: Uint8Array, coding: string): Unpacked {
  const formats = Object.hasOwn(UNPACK, coding) ? UNPACK[coding] : undefined;
  if (formats === undefined) {
    return { fault: `its content coding ${JSON.stringify(coding.slice(0, 40))} is not supported` };
  }
  for (const format of formats) {
    try {
      const { buffer, engine } = format(bytes, { maxOutputLength: MOST_BYTES, info: true }) as {
        buffer: Uint8Array;
        engine: { bytesWritten: number };
      };
      // Some decoders ignore bytes behind the end, others read them as another frame.
      if (engine.bytesWritten === bytes.length) return { bytes: buffer };
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
        return { fault: `it unpacks to more than ${MOST_BYTES / 1024 / 1024} MB` };
      }
    }
  }
  return { fault: `it does not unpack as ${coding}` };
}
