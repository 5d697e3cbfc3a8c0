import { idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { acme } from "./profile.ts";

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
let orders = 0;

/** A handler under a profile of your own. */
export const handler = idempotent(
  async () => ({ statusCode: 201, headers: { location: `/orders/${++orders}` } }),
  { store, singleTenant: true, operation: "create order", profile: acme },
);
