import { invalid, notImplemented } from "./errors.ts";

/*
 * The parameters of each operation that mean something here. Any other is refused, and so is any
 * other operation: a parameter that is left out of account could pass for a success.
 */

type Form = "text" | "count" | "flag" | "map" | "list" | readonly string[];
type Parameters = Readonly<Record<string, Form>>;

const EXPRESSION: Parameters = { ExpressionAttributeNames: "map" };
const CONDITION: Parameters = {
  ...EXPRESSION,
  ConditionExpression: "text",
  ExpressionAttributeValues: "map",
};
const TABLE: Parameters = { TableName: "text" };
const CAPACITY: Parameters = { ReturnConsumedCapacity: ["NONE"] };
const METRICS: Parameters = { ...CAPACITY, ReturnItemCollectionMetrics: ["NONE"] };
const ON_FAILURE: Parameters = { ReturnValuesOnConditionCheckFailure: ["NONE", "ALL_OLD"] };

const KEYED: Parameters = { ...TABLE, Key: "map" };
const GET: Parameters = { ...KEYED, ...EXPRESSION, ProjectionExpression: "text" };
const PAGE: Parameters = {
  ...{ ...TABLE, ...CAPACITY, ...EXPRESSION, ExpressionAttributeValues: "map" },
  ...{ IndexName: "text", FilterExpression: "text", ProjectionExpression: "text" },
  ...{ ConsistentRead: "flag", Limit: "count", ExclusiveStartKey: "map" },
  Select: ["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"],
};

/** The parameters of the actions of transactions. */
export const ACTIONS: Readonly<Record<string, Parameters>> = {
  Put: { ...TABLE, Item: "map", ...CONDITION, ...ON_FAILURE },
  Update: { ...KEYED, UpdateExpression: "text", ...CONDITION, ...ON_FAILURE },
  Delete: { ...KEYED, ...CONDITION, ...ON_FAILURE },
  ConditionCheck: { ...KEYED, ...CONDITION, ...ON_FAILURE },
  Get: GET,
};

const OPERATIONS: Readonly<Record<string, Parameters>> = {
  CreateTable: {
    ...{ ...TABLE, KeySchema: "list", AttributeDefinitions: "list" },
    ...{ GlobalSecondaryIndexes: "list", LocalSecondaryIndexes: "list" },
    // Capacity means nothing in memory.
    ...{ BillingMode: ["PAY_PER_REQUEST", "PROVISIONED"], ProvisionedThroughput: "map" },
  },
  DescribeTable: TABLE,
  DeleteTable: TABLE,
  ListTables: { ExclusiveStartTableName: "text", Limit: "count" },
  UpdateTimeToLive: { ...TABLE, TimeToLiveSpecification: "map" },
  DescribeTimeToLive: TABLE,
  GetItem: { ...GET, ...CAPACITY, ConsistentRead: "flag" },
  PutItem: { ...ACTIONS.Put, ...METRICS, ReturnValues: ["NONE", "ALL_OLD"] },
  UpdateItem: {
    ...{ ...ACTIONS.Update, ...METRICS },
    ReturnValues: ["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"],
  },
  DeleteItem: { ...ACTIONS.Delete, ...METRICS, ReturnValues: ["NONE", "ALL_OLD"] },
  Query: { ...PAGE, KeyConditionExpression: "text", ScanIndexForward: "flag" },
  Scan: PAGE,
  TransactWriteItems: { ...METRICS, TransactItems: "list", ClientRequestToken: "text" },
  TransactGetItems: { ...CAPACITY, TransactItems: "list" },
  BatchWriteItem: { ...METRICS, RequestItems: "map" },
  BatchGetItem: { ...CAPACITY, RequestItems: "map" },
};

/** The parameters of BatchGetItem for one table. */
export const BATCH_GET: Parameters = {
  ...{ ...EXPRESSION, ProjectionExpression: "text" },
  ...{ Keys: "list", ConsistentRead: "flag" },
};

/** Parameters without which a request means nothing, where they mean something. */
const REQUIRED = [
  ...["TableName", "Key", "Item", "KeySchema", "AttributeDefinitions", "TimeToLiveSpecification"],
  ...["TransactItems", "RequestItems", "Keys"],
];

/** Parameters without which an action of a transaction means nothing. */
export const REQUIRED_BY: Readonly<Record<string, readonly string[]>> = {
  Update: ["UpdateExpression"],
  ConditionCheck: ["ConditionExpression"],
};

/** @throws ValidationException for an operation or a parameter that is not known, or not of its form. */
export function checkOperation(operation: string, input: unknown): void {
  const parameters = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  checkParameters(operation, parameters ?? notImplemented(operation), input);
}

/** @throws ValidationException for a parameter that is not known, or not of its form. */
export function checkParameters(
  owner: string,
  parameters: Parameters,
  input: unknown,
  required: readonly string[] = [],
): void {
  if (!isOfForm("map", input)) invalid(`${owner} asks for an object of parameters`);
  const given = Object.entries(input as object).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const form = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (form === undefined) notImplemented(`The parameter ${name} of ${owner}`);
    if (isOfForm(form, value)) continue;
    if (typeof form === "string" || typeof value !== "string") {
      invalid(`The parameter ${name} of ${owner} is not a ${form}: ${JSON.stringify(value)}`);
    }
    notImplemented(`${name}: ${value}, in ${owner},`);
  }
  const missing = [...REQUIRED, ...required].find(
    (name) => Object.hasOwn(parameters, name) && !given.some(([one]) => one === name),
  );
  if (missing !== undefined) invalid(`${owner} has no ${missing}`);
}

function isOfForm(form: Form, value: unknown): boolean {
  if (typeof form !== "string") return form.includes(value as string);
  switch (form) {
    case "text":
      return typeof value === "string" && value !== "";
    case "count":
      return Number.isSafeInteger(value) && (value as number) > 0;
    case "flag":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "map":
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}
