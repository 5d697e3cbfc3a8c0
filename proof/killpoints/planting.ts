import {
  DynamoDBClient,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { type PlantedFault, plant } from "../kit/planted-faults.ts";
import type { DynamoDbRequest } from "../kit/record-updates.ts";

type Command = UpdateItemCommand | TransactWriteItemsCommand;

/** Removes a safeguard from each request that this process sends to DynamoDB from now on. */
export function plantInto(fault: PlantedFault): void {
  const { send } = DynamoDBClient.prototype;
  const sendCommand = send as (this: DynamoDBClient, command: Command, options: object) => unknown;
  async function sendPlanted(this: DynamoDBClient, command: Command, options: object) {
    const operation = command.constructor.name.replace(/Command$/, "");
    const input = command.input as unknown as Record<string, unknown>;
    let output: unknown;
    for (const request of plant(fault, { operation, input })) {
      output = await sendCommand.call(this, createCommand(request) ?? command, options);
    }
    return output;
  }
  DynamoDBClient.prototype.send = sendPlanted as never;
}

function createCommand({ operation, input }: DynamoDbRequest): Command | undefined {
  switch (operation) {
    case "UpdateItem":
      return new UpdateItemCommand(input as unknown as UpdateItemCommandInput);
    case "TransactWriteItems":
      return new TransactWriteItemsCommand(input as unknown as TransactWriteItemsCommandInput);
    default:
      return undefined;
  }
}
