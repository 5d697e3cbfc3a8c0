import { transportOf } from "./aws4-transport.ts";
import { LeanClient } from "./client.ts";
import type { Target } from "./transport.ts";

/* Bundled in place of `@aws-sdk/client-dynamodb`: what `dynamoDbStore` imports from it. */

export class DynamoDBClient extends LeanClient {
  constructor(target: Target = {}) {
    super(transportOf(target));
  }
}

export { GetItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from "./commands.ts";
