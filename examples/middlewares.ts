import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import middy from "@middy/core";
import httpCors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { idempotency } from "lambda-idempotency/middy";
import { type Authorised, authorise } from "./authorise.ts";
import { createOrder, validateOrder } from "./create-order.ts";

type Event = APIGatewayProxyEventV2 & Authorised;

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
const tenant = ({ holder }: Authorised) => holder;
const logger = new Logger({ serviceName: "orders" });
const metrics = new Metrics({ namespace: "shop", serviceName: "orders" });
const tracer = new Tracer({ serviceName: "orders" });
const logError = (error: Error) => logger.error("the request failed", error);
const cors = httpCors({
  disableBeforePreflightResponse: false,
  origins: ["https://shop.example"],
  headers: "Authorization, Content-Type, Idempotency-Key",
  exposeHeaders: "Location, Retry-After, Idempotent-Replayed",
});

/** The middleware form. */
export const withMiddleware = middy(
  middy<Event>()
    .use(httpErrorHandler({ logger: logError }))
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .use(captureLambdaHandler(tracer))
    .use(authorise())
    .use(idempotency<Event>({ store, tenant, operation: "orders" }))
    .use(httpJsonBodyParser())
    .use(validateOrder())
    .handler(createOrder),
).use(cors);

/** The wrapper form. */
export const withWrapper = middy(
  idempotent(middy(createOrder).use(httpJsonBodyParser()).use(validateOrder()), {
    store,
    tenant,
    operation: "orders",
  }),
)
  .use(cors)
  .use(httpErrorHandler({ logger: logError }))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .use(captureLambdaHandler(tracer))
  .use(authorise());
