import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, expect, jest, test } from "@jest/globals";
import { gluwa, ietf, type Profile, stripe } from "../../lib/index.ts";
import { serveRoute } from "./one-route.ts";

/* Clients that call `fetch`, or a library over it, which changes their requests on the way. */

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(...route: Parameters<typeof serveRoute>) {
  const service = await serveRoute(...route);
  closers.push(service.close);
  const post = (body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/payments`, {
      method: "POST",
      headers: { "Idempotency-Key": "k", ...headers },
      body,
    });
  return { ...service, post };
}

const JSON_TYPE = { "Content-Type": "application/json" };
const IDEM = "8e03978e-40d5-43e8-bc93-6894a57f9324";

test("a FormData that is sent again has another boundary, and gets the first response", async () => {
  const { post, requests, runs } = await serve(ietf());
  const form = (amount: string) => {
    const data = new FormData();
    data.append("amount", amount);
    data.append("receipt", new Blob(["paper"], { type: "text/plain" }), "receipt.txt");
    return data;
  };
  const responses = [await post(form("1")), await post(form("1")), await post(form("2"))];
  expect(responses.map(({ status }) => status)).toEqual([201, 201, 422]);
  expect(await responses[1]?.json()).toEqual({ payment: { id: "p-1" } });
  const types = requests.map((headers) => headers["content-type"]);
  expect(new Set(types).size).toBe(3);
  expect(runs()).toBe(1);
});

test("a body that is packed again has another time stamp, and gets the first response", async () => {
  const { post, runs } = await serve(ietf());
  const packed = (seconds: number) => {
    const bytes = gzipSync('{"amount":1}');
    bytes.writeUInt32LE(seconds, 4);
    return new Uint8Array(bytes);
  };
  const headers = { ...JSON_TYPE, "Content-Encoding": "gzip" };
  const first = await post(packed(1_700_000_000), headers);
  const repeat = await post(packed(1_700_000_007), headers);
  expect([first.status, repeat.status]).toEqual([201, 201]);
  expect(repeat.headers.get("idempotent-replayed")).toBe("true");
  expect(runs()).toBe(1);
});

test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
  ["with a byte order mark", `\uFEFF{"Idem":"${IDEM}"}`, "application/json"],
  [
    "in UTF-16",
    new Uint8Array(Buffer.from(`{"Idem":"${IDEM}"}`, "utf16le")),
    "application/json; charset=utf-16le",
  ],
  ["as a form", `Idem=${IDEM}`, "application/x-www-form-urlencoded"],
])("a payment with its key in a body %s is made once", async (_name, body, type) => {
  const { post, runs } = await serve(gluwa());
  const headers = { "Content-Type": type };
  const responses = [await post(body, headers), await post(body, headers)];
  expect(responses.map(({ status }) => status)).toEqual([201, 409]);
  expect(runs()).toBe(1);
});

test("a body that cannot be read is refused, and the client reads which member is meant", async () => {
  const { post, runs } = await serve(gluwa());
  const refused = await post(`{'Idem':'${IDEM}'}`, JSON_TYPE);
  expect(refused.status).toBe(400);
  expect(refused.headers.get("x-should-retry")).toBe("false");
  expect(await refused.json()).toMatchObject({
    Code: "ValidationError",
    Message: expect.stringMatching(/the body's member "\/Idem" is not valid\..* it is not JSON/),
  });
  expect(runs()).toBe(0);
});

test.each<[string, Profile]>([
  ["ietf", ietf()],
  ["stripe", stripe()],
])("under %s() a GET with a key reads the current state", async (_name, profile) => {
  const { url } = await serve(profile, ({ count }) => ({ statusCode: 200, body: `${count}` }));
  const read = () => fetch(url, { headers: { "Idempotency-Key": "k" } });
  expect([await (await read()).text(), await (await read()).text()]).toEqual(["1", "2"]);
});

test("a client without brotli reads the replay of a response that another client got in brotli", async () => {
  const { post } = await serve(ietf(), () => ({
    statusCode: 201,
    headers: { "content-type": "text/plain", "content-encoding": "br" },
    body: brotliCompressSync("paid").toString("base64"),
    isBase64Encoded: true,
  }));
  const first = await post("{}", { ...JSON_TYPE, "Accept-Encoding": "br" });
  expect(first.headers.get("content-encoding")).toBe("br");
  expect(await first.text()).toBe("paid");
  const repeat = await post("{}", { ...JSON_TYPE, "Accept-Encoding": "identity" });
  expect(repeat.headers.get("content-encoding")).toBe(null);
  expect(await repeat.text()).toBe("paid");
});

test("a client with a refreshed token gets a fresh response, as its first response advised", async () => {
  const { post, runs } = await serve(ietf(), ({ header }) =>
    header("authorization") === "Bearer new"
      ? { statusCode: 201 }
      : { statusCode: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } },
  );
  const send = (token: string) => post("{}", { ...JSON_TYPE, Authorization: `Bearer ${token}` });
  for (const attempt of [await send("old"), await send("old")]) {
    expect(attempt.status).toBe(401);
    expect(attempt.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  }
  expect((await send("new")).status).toBe(201);
  expect((await send("new")).headers.get("idempotent-replayed")).toBe("true");
  expect(runs()).toBe(3);
});

test("an invalid response is reported once, and the handler does not run again", async () => {
  const { post, runs } = await serve(ietf(), () => ({ statusCode: 201, body: { id: 1 } }) as never);
  const warned = jest.spyOn(console, "warn").mockImplementation(() => {});
  const responses = [await post("{}", JSON_TYPE), await post("{}", JSON_TYPE)];
  expect(responses.map(({ status }) => status)).toEqual([500, 500]);
  expect(runs()).toBe(1);
  expect(warned).toHaveBeenCalledTimes(1);
  warned.mockRestore();
});
