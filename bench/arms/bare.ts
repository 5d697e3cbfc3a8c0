import {
  type ConditionalCheckFailedException,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { localClient } from "../../local/tables.ts";
import type { Arm, Wiring } from "./arm.ts";
import { transact } from "./business.ts";

/** The business alone: every repeat takes effect again. */
export const bareHandler: Arm = {
  name: "bare handler",
  knows: {
    outsideEffects: true,
    repeats: false,
    inFlight: false,
    mismatch: false,
    cache: false,
  },
  connect: localClient,
  handler: (wiring) => async () => work(wiring),
};

/** Only the calls of the SDK that idempotency needs: no check, no fingerprint, no lease. */
export const bareCalls: Arm = {
  name: "bare SDK calls",
  knows: {
    outsideEffects: true,
    repeats: true,
    inFlight: true,
    mismatch: false,
    cache: false,
  },
  connect: localClient,
  handler: (wiring) => async (event) => {
    const { client, records } = wiring;
    const id = `bare#${event.headers["idempotency-key"]}`;
    const claim = new PutItemCommand({
      TableName: records,
      Item: { id: { S: id } },
      ConditionExpression: "attribute_not_exists(id)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await client.send(claim);
    } catch (error) {
      const { Item } = error as ConditionalCheckFailedException;
      if (Item === undefined) throw error;
      return Item.body && { ...wiring.answer, body: Item.body.S };
    }
    const answer = await work(wiring);
    await client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: { id: { S: id } },
        UpdateExpression: "SET body = :body",
        ExpressionAttributeValues: { ":body": { S: answer.body ?? "" } },
      }),
    );
    return answer;
  },
};

/** The work of a handler without `commit`. */
export async function work({ client, business, effect, answer }: Wiring) {
  if (effect === "outside") await business.effect();
  else await transact(client, business.writes());
  return answer;
}
