import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import httpCors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import { type IdempotencyOptions, idempotent, memoryStore, type Store } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { type Api, openPage, type Page } from "../support/browser.ts";
import type { Answer } from "../support/service.ts";

type Middleware = Parameters<ReturnType<typeof middy>["use"]>[0];
type Handler = (event: { headers: Record<string, string>; body: string }) => unknown;
type Options = IdempotencyOptions<unknown, never>;

const SHOP = "https://shop.example";
const OFFICE = "https://office.example";
const EXPOSED = "Location, Retry-After, Idempotent-Replayed";

const cors = (options: object = {}) =>
  httpCors({
    disableBeforePreflightResponse: false,
    origins: [SHOP, OFFICE],
    headers: "Content-Type, Idempotency-Key",
    exposeHeaders: EXPOSED,
    ...options,
  }) as Middleware;

const errorHandler = () => httpErrorHandler({ logger: false }) as Middleware;

/** The behaviour of `cors: {…}` in an HTTP API: it responds to preflights, and ignores the function's CORS headers. */
function withGatewayCors(handler: Api): Api {
  return async (event) => {
    const origin = event.headers.origin ?? "";
    const isAllowed = [SHOP, OFFICE].includes(origin);
    const ours = isAllowed
      ? {
          "access-control-allow-origin": origin,
          "access-control-allow-headers": "content-type,idempotency-key",
          "access-control-expose-headers": EXPOSED,
          vary: "origin",
        }
      : {};
    const isPreflight = event.requestContext.http.method === "OPTIONS";
    if (isPreflight) return { statusCode: 204, headers: ours } as Answer;
    const response = await handler(event);
    const kept = Object.entries(response.headers ?? {}).filter(
      ([name]) => !name.toLowerCase().startsWith("access-control-"),
    );
    return { ...response, headers: { ...Object.fromEntries(kept), ...ours } } as Answer;
  };
}

/** The arrangements that docs/middlewares.md recommends for browsers. */
const ARRANGEMENTS: [string, (handler: Handler, options: Options) => Api][] = [
  [
    "CORS around the wrapper",
    (handler, options) =>
      middy(idempotent(handler as never, options) as never)
        .use(cors())
        .use(errorHandler()) as unknown as Api,
  ],
  [
    "Middy with CORS around Middy with the middleware",
    (handler, options) =>
      middy(
        middy()
          .use(idempotency(options as never))
          .handler(handler as never) as never,
      )
        .use(cors())
        .use(errorHandler()) as unknown as Api,
  ],
  [
    "CORS of the HTTP API around the middleware",
    (handler, options) =>
      withGatewayCors(
        middy()
          .use(errorHandler())
          .use(idempotency(options as never))
          .handler(handler as never) as unknown as Api,
      ),
  ],
  [
    "CORS of the HTTP API around the wrapper",
    (handler, options) =>
      withGatewayCors(
        middy(idempotent(handler as never, options) as never).use(errorHandler()) as unknown as Api,
      ),
  ],
];

/** A handler that sets the CORS headers itself, for the page that sent the request. */
const reflecting: Handler = ({ headers }) => ({
  statusCode: 201,
  headers: {
    "Access-Control-Allow-Origin": headers.origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": EXPOSED,
    Location: "/transfers/1",
  },
});

const creating: Handler = () => ({ statusCode: 201, headers: { Location: "/transfers/1" } });

const context = { getRemainingTimeInMillis: () => 10_000 };

function open(
  arrange: (typeof ARRANGEMENTS)[number][1],
  handler: Handler,
  store: Store = memoryStore(),
): Record<"shop" | "office" | "elsewhere", Page> {
  const arranged = arrange(handler, { store, singleTenant: true, observe: () => {} }) as (
    event: unknown,
    context: object,
  ) => Promise<Answer>;
  const api: Api = (event) => arranged(event, context);
  return {
    shop: openPage(SHOP, api),
    office: openPage(OFFICE, api),
    elsewhere: openPage("https://elsewhere.example", api),
  };
}

describe.each(ARRANGEMENTS)("%s:", (_name, arrange) => {
  test.each<[string, Handler]>([
    ["that leaves them to the arrangement", creating],
    ["that sets the headers itself", reflecting],
  ])("two pages read first response and replay of a handler %s", async (_what, handler) => {
    const { shop, office } = open(arrange, handler);
    const first = await shop.fetch({ key: "k" });
    expect(first).toMatchObject({ status: 201, headers: { location: "/transfers/1" } });
    for (const page of [office, shop, office]) {
      expect(await page.fetch({ key: "k" })).toMatchObject({
        status: 201,
        headers: { location: "/transfers/1", "idempotent-replayed": "true" },
      });
    }
  });

  test("both pages read every refusal, and when to retry", async () => {
    const running = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { shop, office } = open(arrange, async (event) => {
      if (event.body === '"slow"') {
        begun.resolve();
        await running.promise;
      }
      return { statusCode: 201 };
    });
    const slow = shop.fetch({ key: "slow", body: '"slow"' });
    await begun.promise;
    await shop.fetch({ key: "done" });
    for (const page of [shop, office]) {
      expect((await page.fetch({})).status).toBe(400);
      expect(await page.fetch({ key: "slow", body: '"slow"' })).toMatchObject({
        status: 409,
        headers: { "retry-after": "1" },
      });
      expect((await page.fetch({ key: "done", body: '"other"' })).status).toBe(422);
    }
    running.resolve();
    expect((await slow).status).toBe(201);
  });

  test("both pages read that the store is down, and when to retry", async () => {
    const claim = () => Promise.reject(new Error("down"));
    const { shop, office } = open(arrange, creating, { ...memoryStore(), claim });
    for (const page of [shop, office]) {
      expect(await page.fetch({ key: "k" })).toMatchObject({
        status: 503,
        headers: { "retry-after": "1" },
      });
    }
  });

  test("both pages read the response of an error handler", async () => {
    const { shop, office } = open(arrange, () => {
      throw Object.assign(new Error("no such account"), { statusCode: 404 });
    });
    for (const page of [shop, office]) {
      expect(await page.fetch({ key: "k" })).toMatchObject({
        status: 404,
        body: "no such account",
      });
    }
  });

  test("a page that is not allowed reads neither first response nor replay", async () => {
    const { shop, elsewhere } = open(arrange, creating);
    await shop.fetch({ key: "k" });
    await expect(elsewhere.fetch({ key: "k" })).rejects.toThrow("preflight");
  });
});

describe("with credentials,", () => {
  test("two pages read one response around the wrapper, each under its own origin", async () => {
    const { shop, office } = open(
      (handler, options) =>
        middy(idempotent(handler as never, options) as never).use(
          cors({ credentials: true }),
        ) as unknown as Api,
      reflecting,
    );
    const request = { key: "k", withCredentials: true };
    expect((await shop.fetch(request)).status).toBe(201);
    expect((await office.fetch(request)).headers["idempotent-replayed"]).toBe("true");
    expect((await shop.fetch(request)).headers["idempotent-replayed"]).toBe("true");
  });
});

describe("without CORS around it, as the table says,", () => {
  const { before } = cors() as { before: unknown };
  const preflights = { before } as Middleware;

  test("the middleware behind CORS leaves refusals and replays unread", async () => {
    const { shop } = open(
      (handler, options) =>
        middy()
          .use(cors())
          .use(idempotency(options as never))
          .handler(handler as never) as unknown as Api,
      creating,
    );
    expect((await shop.fetch({ key: "k" })).status).toBe(201);
    await expect(shop.fetch({ key: "k" })).rejects.toThrow("no origin");
    await expect(shop.fetch({})).rejects.toThrow("no origin");
  });

  test("the middleware in front of CORS replays to the first page only, and leaves refusals unread", async () => {
    const { shop, office } = open(
      (handler, options) =>
        middy()
          .use(preflights)
          .use(idempotency(options as never))
          .use(cors())
          .handler(handler as never) as unknown as Api,
      creating,
    );
    expect((await shop.fetch({ key: "k" })).status).toBe(201);
    expect((await shop.fetch({ key: "k" })).headers["idempotent-replayed"]).toBe("true");
    await expect(office.fetch({ key: "k" })).rejects.toThrow("no origin");
    await expect(shop.fetch({})).rejects.toThrow("no origin");
  });

  test("a handler that sets the headers itself covers its own responses to the same page only", async () => {
    const { shop, office } = open(
      (handler, options) =>
        middy(idempotent(handler as never, options) as never).use(preflights) as unknown as Api,
      reflecting,
    );
    expect((await shop.fetch({ key: "k" })).status).toBe(201);
    expect((await shop.fetch({ key: "k" })).status).toBe(201);
    await expect(office.fetch({ key: "k" })).rejects.toThrow("no origin");
    await expect(shop.fetch({})).rejects.toThrow("no origin");
  });
});
