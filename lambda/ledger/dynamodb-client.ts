import { boundedClient } from "../../lib/dynamodb/index.ts";

/** One client for each function, so that ledger and idempotency store share its connections. */
export const dynamoDbClient = boundedClient();
