import * as zlib from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { inAcceptedCoding } from "../../lib/http/content-coding.ts";
import { readRequest } from "../../lib/http/request.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { albEvent, httpApiEvent } from "../support/events.ts";

const TEXT = '{"id":"é"}';

const ENCODERS: Record<string, (text: string | Buffer) => Buffer> = {
  gzip: zlib.gzipSync,
  "x-gzip": zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
};

function encoded(coding: string, parts: Partial<HttpResponse> = {}): HttpResponse {
  return {
    statusCode: 201,
    headers: { "Content-Encoding": coding, ...parts.headers },
    body: (ENCODERS[coding] ?? zlib.gzipSync)(TEXT).toString("base64"),
    isBase64Encoded: true,
  };
}

const accepting = (...values: string[]) =>
  readRequest(
    httpApiEvent({ headers: values.length > 0 ? { "Accept-Encoding": values.join() } : {} }),
  );

const PLAIN = {
  statusCode: 201,
  headers: { vary: "Accept-Encoding" },
  body: TEXT,
  isBase64Encoded: false,
};

describe("a coding that the client accepts is kept:", () => {
  test.each([
    ["br", "br"],
    ["br", "gzip, deflate, BR"],
    ["br", "gzip;q=1.0, br;q=0.001"],
    ["br", "*"],
    ["br", "gzip;q=0, *;q=0.5"],
    ["gzip", "x-gzip"],
    ["x-gzip", "gzip"],
  ])("%s, where it accepts %s", (coding, accepted) => {
    const response = encoded(coding);
    expect(inAcceptedCoding(response, accepting(accepted))).toBe(response);
  });
});

describe("a coding that the client does not accept is removed:", () => {
  test.each([
    ["br", undefined],
    ["br", ""],
    ["br", "gzip"],
    ["br", "identity"],
    ["br", "br;q=0"],
    ["br", "br ; q=0.000"],
    ["br", "*;q=0"],
    ["br", "br;q=0, *"],
    ["br", "br;q=x"],
    ["gzip", "br"],
    ["x-gzip", "br"],
    ["deflate", "gzip"],
    ["zstd", "gzip, br"],
  ])("%s, where it accepts %p", (coding, accepted) => {
    const request = accepted === undefined ? accepting() : accepting(accepted);
    const { headers, ...rest } = inAcceptedCoding(encoded(coding), request);
    expect({ ...rest, headers }).toEqual({ ...PLAIN, headers: { vary: "Accept-Encoding" } });
  });

  test("raw deflate, which some servers send", () => {
    const body = zlib.deflateRawSync(TEXT).toString("base64");
    const response = { ...encoded("deflate"), body };
    expect(inAcceptedCoding(response, accepting()).body).toBe(TEXT);
  });

  test("several codings, in the order of their application", () => {
    const body = zlib.gzipSync(zlib.brotliCompressSync(TEXT)).toString("base64");
    const response = { ...encoded("br, gzip"), body };
    expect(inAcceptedCoding(response, accepting("gzip")).body).toBe(TEXT);
    expect(inAcceptedCoding(response, accepting("gzip, br"))).toBe(response);
  });

  test("once, if single and multi-value headers repeat it", () => {
    const multiValueHeaders = { "content-encoding": ["br"] };
    const replay = inAcceptedCoding({ ...encoded("br"), multiValueHeaders }, accepting("gzip"));
    expect(replay).toEqual({ ...PLAIN, multiValueHeaders: {} });
  });

  test("from multi-value headers as well", () => {
    const { headers: _, ...rest } = encoded("br");
    const multiValueHeaders = { "content-encoding": ["br"], vary: ["Origin"] };
    const replay = inAcceptedCoding(
      { ...rest, multiValueHeaders },
      readRequest(albEvent({}, true)),
    );
    expect(replay).toMatchObject({
      body: TEXT,
      multiValueHeaders: {},
      headers: { vary: "Origin, Accept-Encoding" },
    });
  });
});

describe("headers about the encoded bytes are corrected:", () => {
  const decoded = (headers: Record<string, string>) =>
    inAcceptedCoding(encoded("gzip", { headers }), accepting()).headers;

  test("the length", () => {
    expect(decoded({ "Content-Length": "999" })).toEqual({
      "content-length": "11",
      vary: "Accept-Encoding",
    });
  });

  test.each(["Content-MD5", "Digest", "Content-Digest", "Repr-Digest"])("%s goes", (name) => {
    expect(decoded({ [name]: "x" })).toEqual({ vary: "Accept-Encoding" });
  });

  test("a strong ETag becomes weak, and a weak one stays", () => {
    expect(decoded({ ETag: '"1"' })).toMatchObject({ etag: 'W/"1"' });
    expect(decoded({ ETag: 'W/"1"' })).toMatchObject({ ETag: 'W/"1"' });
  });

  test.each(["Accept-Encoding", "Origin, accept-encoding", "*"])("Vary: %s stays", (vary) => {
    expect(decoded({ Vary: vary })).toEqual({ Vary: vary });
  });

  test("bytes that are no text stay in base64", () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    const body = zlib.gzipSync(bytes).toString("base64");
    expect(inAcceptedCoding({ ...encoded("gzip"), body }, accepting())).toMatchObject({
      body: bytes.toString("base64"),
      isBase64Encoded: true,
    });
  });
});

describe("a response stays unchanged", () => {
  test.each<[string, HttpResponse]>([
    ["without a coding", { statusCode: 200, headers: { a: "1" }, body: "a" }],
    ["with identity", { statusCode: 200, headers: { "content-encoding": "identity" }, body: "a" }],
    ["without a body", { statusCode: 304, headers: { "content-encoding": "br" } }],
    ["in an unknown coding", encoded("sdch")],
    ["in a coding that objects have by nature", encoded("constructor")],
    ["with a body that is not in its coding", { ...encoded("br"), body: "AAAA" }],
    ["with a text as body", { ...encoded("gzip"), body: "a", isBase64Encoded: false }],
    [
      "with a body that unpacks to more than Lambda's largest response",
      {
        ...encoded("gzip"),
        body: zlib.gzipSync(Buffer.alloc(6 * 1024 * 1024 + 1)).toString("base64"),
      },
    ],
  ])("%s", (_name, response) => {
    expect(inAcceptedCoding(response, accepting("compress"))).toBe(response);
  });

  test("but a response of 6 MB is still decoded", () => {
    const body = zlib.gzipSync(Buffer.alloc(6 * 1024 * 1024)).toString("base64");
    expect(inAcceptedCoding({ ...encoded("gzip"), body }, accepting()).body).toHaveLength(
      6 * 1024 * 1024,
    );
  });
});
