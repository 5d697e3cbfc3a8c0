import * as zlib from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { announcedCoding, contentCodings, unpack } from "../../lib/http/content-encoding.ts";
import { quickBrotli } from "../support/encodings.ts";

const quickGzip = (bytes: Uint8Array) => zlib.gzipSync(bytes, { level: 1 });
const PACK: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: quickGzip,
  "x-gzip": quickGzip,
  deflate: (bytes) => zlib.deflateSync(bytes, { level: 1 }),
  br: quickBrotli,
  zstd: zlib.zstdCompressSync,
};
const TEXT = Buffer.from('{"Idem":"a"}');
const fault = (reason: string) => ({ fault: expect.stringContaining(reason) });

test("the names of codings are read from all values, without case, blanks and identity", () => {
  expect(contentCodings([" GZIP , br", "identity,, zstd"])).toEqual(["gzip", "br", "zstd"]);
});

describe("packed bytes are unpacked:", () => {
  test.each(Object.keys(PACK))("%s", (coding) => {
    expect(unpack(PACK[coding]?.(TEXT) as Uint8Array, [coding])).toEqual({ bytes: TEXT });
  });

  test("deflate without zlib's header, as old clients send it", () => {
    expect(unpack(zlib.deflateRawSync(TEXT), ["deflate"])).toEqual({ bytes: TEXT });
  });

  test("several members of gzip in a row, as RFC 1952 allows", () => {
    const members = Buffer.concat([zlib.gzipSync(TEXT), zlib.gzipSync(TEXT)]);
    expect(unpack(members, ["gzip"])).toEqual({ bytes: Buffer.concat([TEXT, TEXT]) });
  });

  test("up to four codings in a row, the last first", () => {
    const names = fc.array(fc.constantFrom(...Object.keys(PACK)), { maxLength: 4 });
    fc.assert(
      fc.property(names, fc.uint8Array(), (codings, bytes) => {
        const packed = codings.reduce<Uint8Array>(
          (one, coding) => PACK[coding]?.(one) as Uint8Array,
          bytes,
        );
        expect(Buffer.from((unpack(packed, codings) as { bytes: Uint8Array }).bytes)).toEqual(
          Buffer.from(bytes),
        );
      }),
    );
  });
});

describe("bytes that cannot be unpacked are refused with the reason:", () => {
  test.each(["compress", "aws-chunked", "utf-8", "__proto__"])("the coding %s", (coding) => {
    expect(unpack(TEXT, [coding])).toEqual(fault(`"${coding}" is not supported`));
  });

  test.each(Object.keys(PACK))("bytes that are no %s", (coding) => {
    expect(unpack(new Uint8Array([1, 2, 3]), [coding])).toEqual(
      fault(`does not unpack as ${coding}`),
    );
  });

  test.each(Object.keys(PACK))("%s that is cut off", (coding) => {
    const packed = PACK[coding]?.(TEXT) as Uint8Array;
    expect(unpack(packed.subarray(0, -2), [coding])).toEqual(fault("does not unpack"));
  });

  test.each(Object.keys(PACK))("%s with something behind its end", (coding) => {
    const packed = PACK[coding]?.(TEXT) as Uint8Array;
    expect(unpack(Buffer.concat([packed, TEXT]), [coding])).toEqual(fault("does not unpack"));
  });

  test.each(Object.keys(PACK))("a bomb of %s", (coding) => {
    const packed = PACK[coding]?.(Buffer.alloc(33 * 1024 * 1024)) as Uint8Array;
    expect(unpack(packed, [coding])).toEqual(fault("unpacks to more than 32 MB"));
  });

  test("a bomb in a bomb, and more codings than the maximum", () => {
    const bomb = quickGzip(Buffer.alloc(33 * 1024 * 1024));
    expect(unpack(zlib.gzipSync(bomb), ["gzip", "gzip"])).toEqual(fault("more than 32 MB"));
    expect(unpack(TEXT, Array(5).fill("gzip"))).toEqual(
      fault("5 content codings; the maximum is 4"),
    );
  });
});

test("the first bytes announce a coding, and text announces none", () => {
  const begins = (bytes: Uint8Array) => announcedCoding(bytes);
  expect(begins(zlib.gzipSync(TEXT))).toBe("gzip");
  expect(begins(zlib.zstdCompressSync(TEXT))).toBe("zstd");
  expect(begins(zlib.deflateSync(TEXT))).toBe("deflate");
  for (const text of ["", "x", "x=1", '{"a":1}', "[1]"]) {
    expect(begins(Buffer.from(text))).toBeUndefined();
  }
});
