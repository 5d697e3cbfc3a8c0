import type {
  AttributeDefinition,
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
} from "@aws-sdk/client-dynamodb";
import type { Template } from "./template.ts";

/** A DynamoDB table of the stack. */
export type TableDefinition = {
  logicalId: string;
  name: string;
  /** The request that creates the table. */
  create: CreateTableCommandInput;
  /** The attribute by which its items expire. */
  ttlAttribute?: string;
};

type TableProperties = {
  KeySchema: KeySchemaElement[];
  AttributeDefinitions: AttributeDefinition[];
  GlobalSecondaryIndexes?: GlobalSecondaryIndex[];
  LocalSecondaryIndexes?: LocalSecondaryIndex[];
  TimeToLiveSpecification?: { AttributeName?: string; Enabled: boolean };
};

/** The tables of a stack, always on demand: provisioned capacity means nothing on this machine. */
export function readTables(template: Template): TableDefinition[] {
  const tables = template.ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable");
  return tables.map(([logicalId, resource]) => {
    const name = String(template.resolve({ Ref: logicalId }));
    const properties = template.resolve(resource.Properties) as TableProperties;
    const ttl = properties.TimeToLiveSpecification;
    const globalIndexes = properties.GlobalSecondaryIndexes?.map(toIndex);
    const localIndexes = properties.LocalSecondaryIndexes?.map(toIndex);
    return {
      logicalId,
      name,
      create: {
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: properties.KeySchema,
        AttributeDefinitions: properties.AttributeDefinitions,
        ...(globalIndexes?.length && { GlobalSecondaryIndexes: globalIndexes }),
        ...(localIndexes?.length && { LocalSecondaryIndexes: localIndexes }),
      },
      ...(ttl?.Enabled && ttl.AttributeName && { ttlAttribute: ttl.AttributeName }),
    };
  });
}

function toIndex({ IndexName, KeySchema, Projection }: GlobalSecondaryIndex | LocalSecondaryIndex) {
  return { IndexName, KeySchema, Projection };
}
