import { type Tables, tableNamed } from "./definitions.ts";
import { invalid } from "./errors.ts";
import { BATCH_GET, checkParameters } from "./parameters.ts";
import { type Read, readItem } from "./projection.ts";
import { keyText } from "./table.ts";
import type { Item } from "./value.ts";
import { type PreparedWrite, prepareWrite } from "./write.ts";

interface BatchWrite {
  readonly RequestItems: Readonly<Record<string, readonly BatchedWrite[]>>;
}

interface BatchedWrite {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

interface BatchRead {
  readonly RequestItems: Readonly<
    Record<string, Omit<Read, "TableName" | "Key"> & { readonly Keys: readonly Item[] }>
  >;
}

const MAX_WRITES = 25;
const MAX_READS = 100;

/** The writes of a batch. They are no transaction, but here nothing comes between them. */
export function prepareBatch(tables: Tables, { RequestItems }: BatchWrite): PreparedWrite[] {
  const writes = Object.entries(RequestItems).flatMap(([TableName, requests]) => {
    const table = tableNamed(tables, TableName);
    if (!Array.isArray(requests)) invalid(`The requests of ${TableName} are not a list`);
    return requests.map((request: BatchedWrite | null) => {
      const { PutRequest, DeleteRequest, ...others } = request ?? {};
      if (Object.keys(others).length > 0 || !PutRequest === !DeleteRequest) {
        invalid("A request of a batch is a PutRequest or a DeleteRequest");
      }
      return PutRequest
        ? prepareWrite(table, "Put", { TableName, Item: PutRequest.Item })
        : prepareWrite(table, "Delete", { TableName, Key: DeleteRequest?.Key ?? {} });
    });
  });
  checkBatch(
    MAX_WRITES,
    writes.map(({ write, id }) => JSON.stringify([write.TableName, id])),
  );
  return writes;
}

export function readBatch(tables: Tables, { RequestItems }: BatchRead) {
  const asked = Object.entries(RequestItems).map(([TableName, one]) => {
    checkParameters(`BatchGetItem of ${TableName}`, BATCH_GET, one);
    return { TableName, table: tableNamed(tables, TableName), ...one };
  });
  checkBatch(
    MAX_READS,
    asked.flatMap(({ TableName, table, Keys }) =>
      Keys.map((key) => JSON.stringify([TableName, keyText(table, key)])),
    ),
  );
  const found = asked.map(({ table, Keys, ...read }): [string, Item[]] => [
    read.TableName,
    Keys.map((Key) => readItem(table, { ...read, Key })).filter((item) => item !== undefined),
  ]);
  return { Responses: Object.fromEntries(found), UnprocessedKeys: {} };
}

function checkBatch(most: number, keys: readonly string[]): void {
  if (keys.length === 0 || keys.length > most) {
    invalid(`A batch has 1 to ${most} requests, not ${keys.length}`);
  }
  if (new Set(keys).size < keys.length) invalid("Provided list of item keys contains duplicates");
}
