import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());

/**
 * An effect in DynamoDB that cannot be in the commit: the fence keeps out an execution that wakes up
 * after another execution has taken over its claim.
 */
export const handler = idempotent(
  async (
    event: { readonly body: string },
    { idempotency }: { idempotency: { fence: number | undefined } },
  ) => {
    await documents.send(
      new UpdateCommand({
        TableName: process.env.ORDERS_TABLE,
        Key: { id: event.body },
        UpdateExpression: "SET lastFence = :fence, #state = :paid",
        ConditionExpression: "attribute_not_exists(lastFence) OR lastFence < :fence",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":fence": idempotency.fence, ":paid": "PAID" },
      }),
    );
    return { statusCode: 204 };
  },
  {
    store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
    singleTenant: true,
    operation: "pay order",
  },
);
