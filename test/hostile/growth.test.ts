import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { readBodyHeaders } from "../../lib/http/body.ts";
import { type CountedMembers, fingerprint } from "../../lib/http/fingerprint.ts";
import { findKey, type KeyRules } from "../../lib/http/idempotency-key.ts";
import { readRequest } from "../../lib/http/request.ts";
import { httpApiEvent, type RequestParts } from "../support/events.ts";

const SMALL = 64 * 1024;
const GROWTH = 16;
/** Linear time grows by 16, n log n by 20 and a half; quadratic time by 256. */
const MOST_GROWTH = 100;
/** Shorter times are noise. */
const SHORTEST_MS = 1;
const MOST_RUNS = 6;

const RULES: KeyRules = {
  keyFrom: [{ header: "Idempotency-Key" }, { pointers: ["/Idem", "/a/b"] }],
  keyFormat: "visible",
  missingKey: "pass",
};
const COUNTED: readonly (true | CountedMembers)[] = [
  true,
  { include: ["/a/b/c", "/Idem", "/items/0/no"] },
];
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const MULTIPART = { "Content-Type": "multipart/form-data; boundary=aaaa" };
const PLAIN = { "Content-Type": "text/plain" };

const header = (name: string, value: string): RequestParts => ({ headers: { [name]: value } });
const form = (body: string): RequestParts => ({ headers: FORM, body });
const multipart = (body: string): RequestParts => ({ headers: MULTIPART, body });
const times = (text: string, size: number) => text.repeat(Math.ceil(size / text.length));
const counted = (size: number, length: number, write: (at: number) => string) =>
  Array.from({ length: Math.ceil(size / length) }, (_, at) => write(at));

/** Requests of about a given size, built to provoke more than linear time. */
const REQUESTS: Readonly<Record<string, (size: number) => RequestParts>> = {
  "a member with a long name": (n) => ({ body: `{"${"a".repeat(n)}":1}` }),
  "a member with a long escaped name": (n) => ({ body: `{"${times("\\u0061", n)}":1}` }),
  "a long name within a long name": (n) => ({
    body: `{"${"a".repeat(n / 2)}":{"${"b".repeat(n / 2)}":1}}`,
  }),
  "many members under a long name": (n) => ({
    body: `{"${"a".repeat(n / 2)}":{${counted(n / 2, 7, (at) => `"m${at % 997}":1`)}}}`,
  }),
  "many elements under a long name": (n) => ({
    body: `{"${"a".repeat(n / 2)}":[${counted(n / 2, 3, () => "{}")}]}`,
  }),
  "many members": (n) => ({ body: `{${counted(n, 12, (at) => `"m${at * 7919}":1`)}}` }),
  "many members of one name": (n) => ({ body: `{${counted(n, 9, () => '"Idem":1')}}` }),
  "many members with long names in common": (n) => ({
    body: `{${counted(n, 220, (at) => `"${"a".repeat(200)}${at}":1`)}}`,
  }),
  "many elements": (n) => ({ body: `{"items":[${counted(n, 2, () => "1")}]}` }),
  "many objects in a list": (n) => ({ body: `{"items":[${counted(n, 9, () => '{"no":1}')}]}` }),
  "many nests of 400 levels": (n) => ({
    body: `[${counted(n, 801, () => `${"[".repeat(400)}${"]".repeat(400)}`)}]`,
  }),
  "a nest without a bottom": (n) => ({ body: '{"a":'.repeat(n / 5) }),
  "a text that is JSON, many times over": (n) => ({ body: written("1", n) }),
  "a string that does not end": (n) => ({ body: `"${"\\\\".repeat(n / 2)}` }),
  "a number that does not end": (n) => ({ body: `${"1".repeat(n)}e` }),
  blanks: (n) => ({ body: `${" ".repeat(n)}x` }),
  "blanks that trim() cuts off": (n) => ({ body: `${"\u00A0".repeat(n)}x${"\u00A0".repeat(n)}` }),
  base64: (n) => ({ body: "A".repeat(n) }),
  "almost base64": (n) => ({ body: `${"A".repeat(n)}=x` }),
  "zeros in bytes": (n) => ({ body: new Uint8Array(n) }),
  "UTF-16": (n) => ({ body: Buffer.from(`"${"a".repeat(n / 2)}"`, "utf16le") }),
  "UTF-32": (n) => ({ body: Buffer.alloc(n, new Uint8Array([0x61, 0, 0, 0])) }),
  gzip: (n) => ({ body: gzipSync(`"${"a".repeat(n)}"`), ...header("Content-Encoding", "gzip") }),
  "many codings": (n) => ({
    body: Buffer.alloc(9),
    ...header("Content-Encoding", times("gzip,", n)),
  }),
  "a form of many fields": (n) => form(counted(n, 6, (at) => `f${at % 997}=1`).join("&")),
  "a form of many fields at the key": (n) => form(counted(n, 7, () => "a[b]=1").join("&")),
  "a form of ampersands": (n) => form("&".repeat(n)),
  "a form of escapes": (n) => form(`a=${times("%C3%A9", n)}`),
  "a form of broken escapes": (n) => form(`a=${"%".repeat(n)}`),
  "a field with many brackets": (n) => form(`a${"[b]".repeat(n / 3)}=1`),
  "a field with many open brackets": (n) => form(`a${"[".repeat(n)}=1`),
  "a field with many points": (n) => form(`a${".b".repeat(n / 2)}=1`),
  "a text that names the key often": (n) => ({ headers: PLAIN, body: times("Iden Idem \\", n) }),
  "a multipart body of dashes": (n) => multipart("-".repeat(n)),
  "a multipart body of almost boundaries": (n) => multipart(`--aaaa\r\n\r\n${times("--aaa", n)}`),
  "a multipart body of boundaries": (n) => multipart(`${times("--aaaa\r\n\r\nx\r\n", n)}--aaaa--`),
  "a multipart body of headers": (n) => multipart(`--aaaa\r\n${times("A: b\r\n", n)}`),
  "a part with a long header": (n) =>
    multipart(`--aaaa\r\nContent-Disposition: x; name="${times("\\", n)}"\r\n\r\n\r\n--aaaa--`),
  "a multipart body with another boundary in each line": (n) => ({
    headers: { "Content-Type": "multipart/form-data" },
    body: counted(n, 12, (at) => `--b${at}\r\n\r\n`).join(""),
  }),
  "a boundary that is long": (n) =>
    header("Content-Type", `multipart/form-data; boundary=${"a".repeat(n)}`),
  "a media type with many parameters": (n) => header("Content-Type", `a/b${times(";c=d", n)}`),
  "a media type with many quotes": (n) => header("Content-Type", `a/b; c=${'"'.repeat(n)}`),
  "a media type of blanks": (n) => header("Content-Type", `a/b${" ".repeat(n)}x`),
  "a media type of semicolons": (n) => header("Content-Type", ";".repeat(n)),
  "a charset that is long": (n) => header("Content-Type", `text/plain; charset=${"a".repeat(n)}`),
  "a key with blanks within": (n) => ({ key: `a${" ".repeat(n)}b` }),
  "a key of blanks": (n) => ({ key: " \t".repeat(n / 2) }),
  "a key of quotes": (n) => ({ key: '"'.repeat(n) }),
  "a key of backslashes": (n) => ({ key: `"${"\\".repeat(n)}` }),
  "a key of commas": (n) => ({ key: "a,".repeat(n / 2) }),
  "a query of many fields": (n) => ({ query: counted(n, 6, (at) => `f${at % 997}=1`).join("&") }),
  "a query of brackets": (n) => ({ query: `${"[".repeat(n)}=1` }),
  "a query of broken escapes": (n) => ({ query: "%".repeat(n) }),
};

/** JSON text nested in JSON strings, up to the size. */
function written(text: string, size: number): string {
  let all = text;
  while (all.length < size) all = JSON.stringify(all);
  return all;
}

function readAll(event: unknown): void {
  const request = readRequest(event);
  findKey(request, readBodyHeaders(request), RULES);
  for (const body of COUNTED) {
    fingerprint(request, readBodyHeaders(request), { method: true, path: true, query: true, body });
  }
}

function durationMs(event: unknown): number {
  const started = process.cpuUsage();
  readAll(event);
  return process.cpuUsage(started).user / 1_000;
}

/** Noise only adds time, so the fastest of several runs counts; most tests need one run. */
test.each(Object.entries(REQUESTS))(
  `${GROWTH} times as much takes less than ${MOST_GROWTH} times as long: %s`,
  (_name, request) => {
    const [small, large] = [httpApiEvent(request(SMALL)), httpApiEvent(request(SMALL * GROWTH))];
    const smallMs = Math.max(SHORTEST_MS, Math.min(durationMs(small), durationMs(small)));
    let largeMs = Number.POSITIVE_INFINITY;
    for (let run = 0; run < MOST_RUNS && largeMs > smallMs * MOST_GROWTH; run += 1) {
      largeMs = Math.min(largeMs, durationMs(large));
    }
    expect(largeMs / smallMs).toBeLessThan(MOST_GROWTH);
  },
);
