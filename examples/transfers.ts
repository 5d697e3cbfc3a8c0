import middy from "@middy/core";
import type { APIGatewayProxyEventV2WithJWTAuthorizer as Event } from "aws-lambda";
import { dwolla } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { idempotency } from "lambda-idempotency/middy";
import { createTransfer } from "./create-transfer.ts";

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
const tenant = (event: Event) => event.requestContext.authorizer.jwt.claims.sub;
const operation = "create transfer"; // the name of its space of keys, for ever

export const handler = middy<Event>()
  .use(idempotency({ store, tenant, operation, profile: dwolla() })) // the contract that your clients see
  .handler(createTransfer); // runs once for each key
