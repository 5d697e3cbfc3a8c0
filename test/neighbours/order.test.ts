import { readFileSync } from "node:fs";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import httpCors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import httpEventNormalizer from "@middy/http-event-normalizer";
import httpHeaderNormalizer from "@middy/http-header-normalizer";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import httpUrlEncodeBodyParser from "@middy/http-urlencode-body-parser";
import { memoryStore } from "../../lib/index.ts";
import { openPage } from "../support/browser.ts";
import { httpApiEvent, type RequestParts } from "../support/events.ts";
import type { Answer } from "../support/service.ts";
import { ARRANGEMENTS, type Form, type Handler, type Place } from "./arrangements.ts";

/** Puts a middleware into the tested place, around the test's handler. */
type Open = (middleware: object, handler?: Handler) => (request: RequestParts) => Promise<Answer>;

const created: Handler = () => ({ statusCode: 201 });
const KEYED = { key: "k" };

/** A first request, its repeat and a refusal. An observability middleware must see all three. */
const ALL = [KEYED, KEYED, {}];

const environment = { ...process.env };
beforeEach(() => {
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
  process.env.POWERTOOLS_DEV = "true";
  process.env.POWERTOOLS_METRICS_DISABLED = "false";
});
afterEach(() => {
  process.env = environment;
  jest.restoreAllMocks();
});

/** The check of each row of the table: whether the middleware works in the place that `open` builds. */
const ROWS: Record<string, (open: Open) => Promise<boolean>> = {
  async "Body parser"(open) {
    const paid = ({ body }: { body: { amount: unknown } }) => ({
      statusCode: 201,
      body: `paid ${body.amount}`,
    });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const json = open(httpJsonBodyParser(), paid as never);
    const urlEncoded = open(httpUrlEncodeBodyParser(), paid as never);
    const bodies = [];
    for (const repeat of [1, 2]) {
      bodies.push((await json({ ...KEYED, body: '{"amount":7}' })).body, repeat);
      bodies.push((await urlEncoded({ ...KEYED, headers: form, body: "amount=7" })).body);
    }
    return bodies.filter((body) => body === "paid 7").length === 4;
  },

  "Event normaliser": (open) => replays(open(httpEventNormalizer())),

  "Header normaliser": (open) => replays(open(httpHeaderNormalizer())),

  async Validator(open) {
    let most = 100;
    const validator = {
      before: ({ event }: { event: { body: string } }) => {
        if (Number(event.body) > most) throw Object.assign(new Error("no"), { statusCode: 400 });
      },
    };
    const call = open(validator, created);
    // The key of a refused request is unused again, and a repeat is checked by the rules at its own time.
    await call({ ...KEYED, body: "101" }).catch(() => {});
    const { statusCode } = await call({ ...KEYED, body: "99" });
    most = 50;
    const repeat = await call({ ...KEYED, body: "99" });
    return statusCode === 201 && repeat.statusCode === 201;
  },

  async Authoriser(open) {
    const authoriser = {
      before: ({ event }: { event: { headers: { authorization?: string } } }) => {
        if (event.headers.authorization === "alice's") return undefined;
        throw Object.assign(new Error("not signed in"), { statusCode: 401 });
      },
    };
    const call = open(authoriser);
    await call({ ...KEYED, headers: { authorization: "alice's" } });
    const error = await call({ ...KEYED, headers: { authorization: "revoked" } }).catch(
      (one) => one,
    );
    return error.statusCode === 401;
  },

  async CORS(open) {
    const cors = httpCors({
      disableBeforePreflightResponse: false,
      origins: ["https://shop.example", "https://office.example"],
      headers: "Content-Type, Idempotency-Key",
    });
    const call = open(cors);
    const api = (event: ReturnType<typeof httpApiEvent>) => call(event as never);
    const statuses = [];
    for (const origin of ["https://shop.example", "https://office.example"]) {
      const page = openPage(origin, api);
      for (const request of ALL) statuses.push((await page.fetch(request)).status);
    }
    return `${statuses}` === "201,201,400,201,201,400";
  },

  async "Error handler"(open) {
    const returning = { onError: ({ error }: { error: object }) => ({ ...error }) };
    const outcomes = [];
    for (const errorHandler of [httpErrorHandler({ logger: false }), returning]) {
      const call = open(errorHandler, (({ body }: { body: string }) => {
        if (body === "bad") throw Object.assign(new Error("no"), { statusCode: 422 });
        return { statusCode: 201 };
      }) as never);
      outcomes.push((await call({ ...KEYED, body: "bad" })).statusCode);
      outcomes.push((await call({ ...KEYED, body: "good" })).statusCode);
    }
    return `${outcomes}` === "422,201,422,201";
  },

  async Logger(open) {
    const info = jest.spyOn(console, "info").mockImplementation(() => {});
    const logger = new Logger({ serviceName: "transfers" });
    const { before, ...injecting } = injectLambdaContext(logger, { logEvent: true });
    const call = open({ before, ...injecting });
    for (const request of ALL) await call(request);
    return info.mock.calls.length === ALL.length;
  },

  async Metrics(open) {
    const log = jest.spyOn(console, "log").mockImplementation(() => {});
    const metrics = new Metrics({ namespace: "payments", serviceName: "transfers" });
    const { before, ...flushing } = logMetrics(metrics);
    const counting = (request: never) => {
      before?.(request);
      metrics.addMetric("requests", MetricUnit.Count, 1);
    };
    const call = open({ before: counting, ...flushing });
    for (const request of ALL) await call(request);
    return log.mock.calls.length === ALL.length;
  },

  async Tracer(open) {
    const segment = { close: jest.fn(), name: "## h", addAnnotation() {}, addMetadata() {} };
    const tracer = new Tracer({ serviceName: "transfers", captureHTTPsRequests: false });
    const parent = { ...segment, addNewSubsegment: () => segment };
    jest.spyOn(tracer.provider, "getSegment").mockImplementation(() => parent as never);
    jest.spyOn(tracer.provider, "setSegment").mockImplementation(() => {});
    const call = open(captureLambdaHandler(tracer));
    for (const request of ALL) await call(request);
    return segment.close.mock.calls.length === ALL.length;
  },

  async Serialiser(open) {
    const serialiser = {
      after: (request: { response: { headers?: object } }) => {
        const { headers, ...response } = request.response;
        request.response = { ...response, headers: { ...headers, "content-type": "text/plain" } };
      },
    };
    const call = open(serialiser);
    const types = [];
    for (const request of [KEYED, KEYED]) {
      types.push((await call(request)).headers?.["content-type"]);
    }
    return types.every((type) => type === "text/plain");
  },

  async "Cache, or any hook that returns a response"(open) {
    let isCached = true;
    const cache = { before: () => (isCached ? { statusCode: 304 } : undefined) };
    const call = open(cache);
    const early = await call(KEYED);
    isCached = false;
    return early.statusCode === 304 && (await call(KEYED)).statusCode === 201;
  },
};

async function replays(call: ReturnType<Open>): Promise<boolean> {
  const { statusCode } = await call(KEYED);
  const repeat = await call(KEYED);
  const other = await call({ ...KEYED, body: "other" });
  return (
    statusCode === 201 &&
    repeat.headers?.["Idempotent-Replayed"] === "true" &&
    other.statusCode === 422
  );
}

const documented = readTable();

test("every row of the table is a test, and every test a row", () => {
  expect([...documented.keys()]).toEqual(Object.keys(ROWS));
});

const FORMS = Object.keys(ARRANGEMENTS) as Form[];
describe.each(FORMS)("in the %s form", (form) => {
  const places = Object.keys(ARRANGEMENTS[form]) as Place[];
  const cells = Object.keys(ROWS).flatMap((row) =>
    places.map((place) => {
      const isRight = documented.get(row)?.[form].includes(place) === true;
      return [row, isRight ? "is right" : "is wrong", place, isRight] as const;
    }),
  );

  test.each(cells)("%s %s %s", async (row, _is, place, isRight) => {
    const open: Open = (middleware, handler = created) => {
      const options = { store: memoryStore(), singleTenant: true, observe: () => {} };
      const api = ARRANGEMENTS[form][place]?.(handler, options, middleware);
      return async (request) => {
        const event = "requestContext" in request ? request : httpApiEvent(request);
        const response = await api?.(event, { getRemainingTimeInMillis: () => 10_000 });
        return response as Answer;
      };
    };
    const holds = await (ROWS[row] as (open: Open) => Promise<boolean>)(open).catch(() => false);
    expect(holds).toBe(isRight);
  });
});

/** The places that docs/middlewares.md calls right, by row and form. */
function readTable(): Map<string, Record<Form, readonly string[]>> {
  const text = readFileSync(new URL("../../docs/middlewares.md", import.meta.url), "utf8");
  const [, table = ""] = text.split(/<!-- \/?order -->/);
  const rows = table
    .trim()
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
  return new Map(
    rows.map(([, name = "", middleware = "", wrapper = ""]) => [
      name,
      { middleware: middleware.split(", "), wrapper: wrapper.split(", ") },
    ]),
  );
}
