import {
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  paginateScan,
} from "@aws-sdk/lib-dynamodb";

/** An item in plain values. */
export type TableItem = { readonly id: string } & Readonly<Record<string, unknown>>;

/** Reads all items of a table. */
export async function readTable(
  client: DynamoDBDocumentClient,
  TableName: string,
): Promise<TableItem[]> {
  const items: TableItem[] = [];
  const pages = paginateScan({ client }, { TableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...(Items as TableItem[]));
  return items;
}

/** Deletes all items of a table. */
export async function clearTable(client: DynamoDBDocumentClient, name: string): Promise<void> {
  const deletes = (await readTable(client, name)).map(({ id }) => ({
    DeleteRequest: { Key: { id } },
  }));
  while (deletes.length > 0) {
    const RequestItems = { [name]: deletes.splice(0, 25) };
    await client.send(new BatchWriteCommand({ RequestItems }));
  }
}
