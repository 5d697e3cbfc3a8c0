import middy from "@middy/core";
import type { APIGatewayProxyEventV2WithIAMAuthorizer as Event } from "aws-lambda";
import { dwolla } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { idempotency } from "lambda-idempotency/middy";
import { moveMoney } from "./money.ts";

export const handler = middy<Event>()
  .use(
    idempotency<Event>({
      store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
      tenant: (event) => event.requestContext.authorizer.iam.userArn,
      profile: dwolla(), // the contract that your clients see
    }),
  )
  .handler(async (event) => {
    const id = await moveMoney(event.body); // runs once for each key
    return { statusCode: 201, headers: { location: `/transfers/${id}` } };
  });
