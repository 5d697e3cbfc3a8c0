import { gunzipSync, inflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { gluwa, idempotent, memoryStore } from "../../lib/index.ts";
import { FORM, sendings, sentEvent } from "../support/encoded-bodies.ts";
import { httpApiEvent } from "../support/events.ts";

const IDEM = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const OTHER = "11111111-40d5-43e8-bc93-6894a57f9324";

type Found = Record<string, unknown> | undefined;

/** A service on Hono that pays once for each request in which any of its parsers finds an Idem. */
function openService() {
  const paid: string[] = [];
  const app = new Hono();
  app.post("/v1/transactions", async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    for (const content of unpacked(bytes)) {
      for (const body of [
        ...parsed(content),
        await readForm(content, c.req.header("content-type")),
      ]) {
        if (typeof body?.Idem === "string") paid.push(body.Idem);
      }
    }
    return c.json({}, 202);
  });
  const call = idempotent(handle(app) as (event: unknown, context: unknown) => Promise<unknown>, {
    store: memoryStore(),
    singleTenant: true,
    profile: gluwa(),
  });
  return {
    paid: () => new Set(paid),
    send: async (event: unknown) => {
      paid.length = 0;
      return (await call(event, {})) as { statusCode: number; body: string };
    },
  };
}

function unpacked(bytes: Uint8Array): Uint8Array[] {
  const all = [bytes];
  for (const unpack of [gunzipSync, inflateSync]) {
    try {
      all.push(unpack(bytes));
    } catch {
      // The body is not packed in this coding.
    }
  }
  return [...all, ...all.map((one) => Buffer.from(Buffer.from(one).toString(), "base64"))];
}

function parsed(bytes: Uint8Array): Found[] {
  const texts = ["utf-8", "utf-16le", "utf-16be", "iso-8859-1"].map((encoding) =>
    new TextDecoder(encoding).decode(bytes).replace(/^\uFEFF|^ï»¿/, ""),
  );
  return texts.flatMap((text) => {
    try {
      const value = JSON.parse(text);
      return typeof value === "string" ? [JSON.parse(value)] : [value];
    } catch {
      return [Object.fromEntries(new URLSearchParams(text))];
    }
  });
}

async function readForm(bytes: Uint8Array, contentType = ""): Promise<Found> {
  try {
    const response = new Response(bytes as never, { headers: { "content-type": contentType } });
    return Object.fromEntries(await response.formData());
  } catch {
    return undefined;
  }
}

/** The single key for which the service paid at each call, and the status of each response. */
async function payments(events: readonly unknown[]) {
  const { send, paid } = openService();
  const all: { status: number; paid: string[] }[] = [];
  for (const event of events) {
    const { statusCode: status } = await send(event);
    all.push({ status, paid: [...paid()] });
  }
  return all;
}

describe("a handler on Hono that reads every form it can pays once for each Idem:", () => {
  const json = JSON.stringify({ Idem: IDEM, Amount: "1", Note: "Zoë" });
  const form = `Idem=${IDEM}&Amount=1`;
  const multipart = `--b\r\nContent-Disposition: form-data; name="Idem"\r\n\r\n${IDEM}\r\n--b--\r\n`;
  const formEvent = (contentType: string, body: string) =>
    httpApiEvent({ path: "/v1/transactions", body, headers: { "Content-Type": contentType } });

  test("the same JSON behind a byte order mark, sent twice", async () => {
    const marked = httpApiEvent({ path: "/v1/transactions", body: `\uFEFF${json}` });
    expect(await payments([marked, marked])).toEqual([
      { status: 202, paid: [IDEM] },
      { status: 409, paid: [] },
    ]);
  });

  test.each([
    ["a form", formEvent(FORM, form)],
    ["a form under another media type", formEvent("text/plain", form)],
    ["a multipart form", formEvent("multipart/form-data; boundary=b", multipart)],
    ["JSON in JSON", formEvent("application/json", JSON.stringify(json))],
  ])("%s, sent twice", async (_name, event) => {
    const plain = httpApiEvent({ path: "/v1/transactions", body: json });
    expect((await payments([event, event, plain])).map(({ status }) => status)).toEqual([
      202, 409, 409,
    ]);
  });

  test("a multipart form that Hono reads and the layer does not is refused", async () => {
    const folded = multipart.replace('; name="Idem"', ';\r\n name="Idem"');
    const [refused] = await payments([formEvent("multipart/form-data; boundary=b", folded)]);
    expect(refused).toEqual({ status: 400, paid: [] });
  });

  test("two different keys in one body are refused", async () => {
    const body = `{"Idem":"${OTHER}","Idem":"${IDEM}"}`;
    const [refused] = await payments([httpApiEvent({ path: "/v1/transactions", body })]);
    expect(refused).toEqual({ status: 400, paid: [] });
  });

  test("one text in any two encodings, under any media types, packed or not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(json, JSON.stringify(json), form),
        fc.array(sendings, { minLength: 2, maxLength: 4 }),
        async (text, all) => {
          const made = await payments(all.map((sending) => sentEvent(text, sending)));
          const paid = made.flatMap((one) => one.paid);
          expect(paid.length).toBeLessThanOrEqual(1);
          // No other request is executed: a 202 without a payment would mean an overlooked key.
          expect(made.filter(({ status }) => status === 202).length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 150 },
    );
  });
});
