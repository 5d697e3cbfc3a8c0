import { type DurableContext, withDurableExecution } from "@aws/durable-execution-sdk-js";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { idempotentFunction, type WithFunctionIdempotency } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";

interface Order {
  readonly orderId: string;
  readonly amountMinor: number;
}

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Asks for an approval, which may take days, and books the order: once, over all replays and deliveries. */
export const handler = withDurableExecution(
  idempotentFunction(
    async (order: Order, context: WithFunctionIdempotency<DurableContext>) => {
      const { downstreamKey, commit } = context.idempotency;
      const Item = { id: downstreamKey("approval"), ...order };
      // Repeats of the order are told "in flight" until the answer is there.
      await context.waitForCallback("approval", async (callbackId) => {
        const approval = { ...Item, callbackId };
        await documents.send(
          new PutCommand({ TableName: process.env.APPROVALS_TABLE, Item: approval }),
        );
      });
      const booking = { id: `booking of ${order.orderId}`, amountMinor: order.amountMinor };
      return commit([{ Put: { TableName: process.env.LEDGER_TABLE, Item: booking } }], {
        booked: order.orderId,
      });
    },
    {
      store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
      name: "book order",
      singleTenant: true,
      key: ({ orderId }) => orderId,
      // The ExecutionTimeout of the function's DurableConfig.
      executionTimeoutSeconds: 30 * 24 * 60 * 60,
    },
  ),
);
