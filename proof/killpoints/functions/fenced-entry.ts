import { randomUUID } from "node:crypto";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { requiredVariable } from "../../../lambda/environment.ts";
import { dynamoDbClient } from "../../../lambda/ledger/dynamodb-client.ts";
import { type HttpResponse, idempotent, type WithIdempotency } from "../../../lib/index.ts";
import { store } from "./pay-outside.ts";

const documents = DynamoDBDocumentClient.from(dynamoDbClient);

/** Writes an item outside of any commit; its fence protects the item from earlier executions. */
export const handler = idempotent(
  async (_event: unknown, { idempotency }: WithIdempotency<object>): Promise<HttpResponse> => {
    const writtenBy = randomUUID();
    const { fence } = idempotency;
    await documents.send(
      new PutCommand({
        TableName: requiredVariable("LEDGER_TABLE"),
        Item: { id: "fenced", fence, writtenBy },
        ConditionExpression: "attribute_not_exists(id) OR fence <= :fence",
        ExpressionAttributeValues: { ":fence": fence },
      }),
    );
    return { statusCode: 201, body: JSON.stringify({ writtenBy }) };
  },
  { store, singleTenant: true },
);
