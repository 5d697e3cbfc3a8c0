import { createTransport } from "./aws4fetch-transport.ts";
import { LeanClient } from "./client.ts";
import type { Target } from "./transport.ts";

/* Replaces `@aws-sdk/client-dynamodb` in a bundle, with the exports that `dynamoDbStore` imports. */

export class DynamoDBClient extends LeanClient {
  constructor(target: Target = {}) {
    super(createTransport(target));
  }
}

export { GetItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from "./commands.ts";
