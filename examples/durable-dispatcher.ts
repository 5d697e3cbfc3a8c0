import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { APIGatewayProxyEventV2 as Event } from "aws-lambda";
import { idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";

const lambda = new LambdaClient();

/** Starts one durable execution for each key, and answers at once. */
export const handler = idempotent(
  async ({ body }: Event, { idempotency }) => {
    // The same name on every attempt, so that Lambda starts one execution, also if this function dies here.
    const name = idempotency.downstreamKey("execution");
    await lambda.send(
      new InvokeCommand({
        // With a version or an alias, as durable functions need it.
        FunctionName: process.env.ORDERS_FUNCTION,
        InvocationType: "Event",
        DurableExecutionName: name,
        Payload: body ?? "{}",
      }),
    );
    return { statusCode: 202, headers: { location: `/orders/${name}` } };
  },
  {
    store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
    singleTenant: true,
    operation: "create order",
  },
);
