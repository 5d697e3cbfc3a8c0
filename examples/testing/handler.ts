import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { transferHandler } from "./transfers.ts";

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });

/** As it is deployed. */
export const handler = transferHandler({ store });
