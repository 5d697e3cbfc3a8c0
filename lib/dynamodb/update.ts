import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { aliases } from "./aliases.ts";
import { recordKey, type TableLayout } from "./layout.ts";

/**
 * A conditional write. A refusal carries the old item. Every attribute is aliased: `owner`, `state` and
 * `response` are or may become reserved words.
 */
export function update(
  layout: TableLayout,
  id: string,
  UpdateExpression: string,
  ConditionExpression: string,
  ExpressionAttributeValues: NonNullable<UpdateItemCommandInput["ExpressionAttributeValues"]>,
): UpdateItemCommandInput {
  return {
    TableName: layout.tableName,
    Key: recordKey(layout, id),
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeNames: aliases(layout, UpdateExpression, ConditionExpression),
    ExpressionAttributeValues,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}
