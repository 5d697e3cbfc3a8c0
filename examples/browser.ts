import middy from "@middy/core";
import httpCors from "@middy/http-cors";
import httpErrorHandler from "@middy/http-error-handler";
import { idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { createTransfer } from "./create-transfer.ts";

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });

/** For pages: CORS stands around first responses, replays and refusals, and answers preflights itself. */
export const handler = middy(
  idempotent(createTransfer, { store, singleTenant: true, operation: "create transfer" }),
)
  .use(
    httpCors({
      disableBeforePreflightResponse: false,
      origins: ["https://shop.example", "https://office.example"],
      headers: "Content-Type, Idempotency-Key",
      exposeHeaders: "Location, Retry-After, Idempotent-Replayed",
    }),
  )
  .use(httpErrorHandler());
