import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import { memoryStore } from "../../lib/index.ts";
import { cleanUpMiddlewares } from "../../lib/invocation/clean-up.ts";
import { idempotency } from "../../lib/middy.ts";
import { httpApiEvent } from "../support/events.ts";
import type { Answer } from "../support/service.ts";

type Call = (event: unknown, context: object) => Promise<Answer>;
type Middleware = Parameters<ReturnType<typeof middy>["use"]>[0];

const environment = { ...process.env };
beforeEach(() => {
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
  // Metrics and Logger write to the console of the test; the first setting would disable metrics.
  process.env.POWERTOOLS_DEV = "true";
  process.env.POWERTOOLS_METRICS_DISABLED = "false";
});
afterEach(() => {
  process.env = environment;
  jest.restoreAllMocks();
});

/** A request without a key is refused; a request with a key gets a first response, then a replay. */
const REQUESTS = [httpApiEvent({ key: "k" }), httpApiEvent({ key: "k" }), httpApiEvent()];

/** A handler with a middleware in front of the layer, and a hook of the test in front of both. */
function behind(middleware: object, before: () => void = () => {}): Call {
  return middy()
    .use([
      middleware,
      { before },
      idempotency({ store: memoryStore(), singleTenant: true }),
    ] as Middleware)
    .handler(async () => ({ statusCode: 201 })) as unknown as Call;
}

describe("on first responses, replays and refusals alike,", () => {
  test("a metric that was added in front is flushed", async () => {
    const log = jest.spyOn(console, "log").mockImplementation(() => {});
    const metrics = new Metrics({ namespace: "payments", serviceName: "transfers" });
    const handler = behind(logMetrics(metrics), () => {
      metrics.addMetric("requests", MetricUnit.Count, 1);
    });
    for (const [at, event] of REQUESTS.entries()) {
      await handler(event, {});
      expect(log).toHaveBeenCalledTimes(at + 1);
      expect(metrics.hasStoredMetrics()).toBe(false);
    }
    expect(log.mock.calls.map(([text]) => JSON.parse(String(text)).requests)).toEqual([1, 1, 1]);
  });

  test("the tracer's segment is closed, and its parent is the current one again", async () => {
    const close = jest.fn();
    const subsegment = { close, name: "## handler", addAnnotation() {}, addMetadata() {} };
    const parent = { addNewSubsegment: () => subsegment };
    const tracer = new Tracer({ serviceName: "transfers", captureHTTPsRequests: false });
    let current: unknown = parent;
    jest.spyOn(tracer.provider, "getSegment").mockImplementation(() => current as never);
    jest.spyOn(tracer.provider, "setSegment").mockImplementation((segment) => {
      current = segment;
    });
    const handler = behind(captureLambdaHandler(tracer), () => expect(current).toBe(subsegment));
    for (const [at, event] of REQUESTS.entries()) {
      await handler(event, {});
      expect(close).toHaveBeenCalledTimes(at + 1);
      expect(current).toBe(parent);
    }
  });

  test("keys that were added to the logger for one request are gone in the next", async () => {
    const info = jest.spyOn(console, "info").mockImplementation(() => {});
    const logger = new Logger({ serviceName: "transfers" });
    const handler = behind(injectLambdaContext(logger, { resetKeys: true }), () => {
      logger.info("begun");
      logger.appendKeys({ customer: "alice" });
    });
    for (const event of [...REQUESTS, httpApiEvent()]) await handler(event, {});
    const customers = info.mock.calls.map(([text]) => JSON.parse(String(text)).customer);
    expect(customers).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("a function for early returns", () => {
  const KEYS = ["tracer", "metrics", "logger", "idempotency"].map(
    (utility) => `powertools-for-aws.${utility}`,
  );

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no daemon");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no daemon"))],
  ])("that %s changes neither the response nor the other functions", async (_name, fail) => {
    const called: string[] = [];
    const failing = {
      before: (request: { internal: object }) => {
        request.internal = Object.fromEntries(
          KEYS.map((key) => [
            key,
            () => {
              called.push(key);
              return fail();
            },
          ]),
        );
      },
    };
    const handler = behind(failing);
    for (const event of REQUESTS) await handler(event, {});
    expect((await handler(REQUESTS[1], {})).statusCode).toBe(201);
    expect(called).toEqual([...KEYS, ...KEYS, ...KEYS]);
  });

  test("is awaited, and gets the request", async () => {
    const ended: unknown[] = [];
    const request = {
      internal: {
        [KEYS[1] as string]: async (given: unknown) => {
          await undefined;
          ended.push(given);
        },
      },
    };
    await cleanUpMiddlewares(request);
    expect(ended).toEqual([request]);
  });

  test("is not called where the handler ran: Middy's own hooks do that", async () => {
    const called: string[] = [];
    const middleware = {
      before: (request: { internal: object }) => {
        request.internal = { [KEYS[1] as string]: () => called.push("early") };
      },
      after: () => void called.push("after"),
    };
    await behind(middleware)(REQUESTS[0], {});
    expect(called).toEqual(["after"]);
  });

  test.each<[string, object]>([
    ["nothing", {}],
    ["null", { internal: null }],
    ["values of other kinds", { internal: Object.fromEntries(KEYS.map((key) => [key, {}])) }],
    [
      "a getter that throws",
      {
        get internal() {
          throw new Error("gone");
        },
      },
    ],
  ])("is not missed where `internal` is %s", async (_name, request) => {
    await expect(cleanUpMiddlewares(request)).resolves.toBeUndefined();
  });
});
