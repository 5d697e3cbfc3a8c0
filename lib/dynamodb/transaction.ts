import { inspect } from "node:util";
import type { TransactWriteItem, TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { CommitError } from "../errors.ts";
import type { CommitRequest } from "../protocol/store.ts";
import type { TransactWrite } from "../protocol/transact-write.ts";
import { checkpointRequest, completeRequest } from "./expressions.ts";
import type { Item } from "./item.ts";
import { itemBytes } from "./item-size.ts";
import { recordKey, type TableLayout } from "./layout.ts";
import { marshallValues, type ValueOptions } from "./values.ts";

/** DynamoDB's limits of a transaction; the record takes one action. */
const MOST_WRITES = 99;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * COMMIT. The change of the record first (its completion, or one more step), then the business
 * writes. Writes that DynamoDB would refuse are refused here, before anything is sent, and the
 * error names the write.
 *
 * @param options how plain values become attribute values.
 * @throws CommitError
 */
export function commitRequest(
  layout: TableLayout,
  request: CommitRequest,
  options: ValueOptions = {},
): TransactWriteItemsCommandInput {
  const { writes, token } = request;
  if (!Array.isArray(writes) || writes.length > MOST_WRITES) {
    throw new CommitError(
      `commit: expected a list of 0 to ${MOST_WRITES} writes (the record is the hundredth), got ${Array.isArray(writes) ? writes.length : typeof writes}.`,
    );
  }
  const { id } = "completion" in request ? request.completion : request.checkpoint;
  const Update =
    "completion" in request
      ? completeRequest(layout, request.completion, request.nowMs)
      : checkpointRequest(layout, request.checkpoint, request.nowMs);
  const business = Array.from(writes, (write, index) => marshallWrite(write, index, options));
  refuseDuplicates(layout, id, business);
  const TransactItems = [{ Update } as TransactWriteItem, ...business];
  const bytes = TransactItems.reduce((total, item) => total + writeBytes(item), 0);
  if (bytes > MOST_BYTES) {
    throw new CommitError(`commit: the writes have ${bytes} bytes; the most is ${MOST_BYTES}.`);
  }
  return { ClientRequestToken: token, TransactItems };
}

type Part = Partial<
  Record<"Key" | "Item" | "ExpressionAttributeValues", Record<string, unknown>>
> & {
  readonly TableName?: string;
};

const KINDS = ["Put", "Update", "Delete", "ConditionCheck"] as const;
const VALUES = ["Key", "Item", "ExpressionAttributeValues"] as const;

/** Plain JavaScript values become attribute values, as `@aws-sdk/lib-dynamodb` does it. */
function marshallWrite(
  write: TransactWrite,
  index: number,
  options: ValueOptions,
): TransactWriteItem {
  const kinds = KINDS.filter((kind) => write?.[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    throw new CommitError(
      `commit: write ${index} has ${kinds.length} of ${KINDS.join(", ")}; expected exactly one.`,
    );
  }
  const part = write[kind] as Part | null;
  const tableName = part?.TableName;
  if (typeof part !== "object" || part === null || typeof tableName !== "string" || !tableName) {
    throw new CommitError(
      `commit: write ${index}, ${kind}.TableName is ${inspect(tableName, { depth: 0 })}; expected the name of a table (is the environment variable that holds it set?).`,
    );
  }
  const marshalled: Record<string, unknown> = { ...part };
  for (const name of VALUES) {
    if (part[name] === undefined) continue;
    marshalled[name] = marshallValues(part[name], `write ${index}, ${kind}.${name}`, options);
  }
  return { [kind]: marshalled };
}

/**
 * Refuses two writes of one item, or a business write of the record. A put does not tell its key
 * from its other attributes, so puts are compared with the record's key only.
 */
function refuseDuplicates(layout: TableLayout, id: string, writes: TransactWriteItem[]) {
  const key = recordKey(layout, id);
  const names = new Map([[itemTarget(layout.tableName, key), "the record"]]);
  for (const [index, write] of writes.entries()) {
    const part = writePart(write);
    const target = itemTarget(part.TableName, part.Key ?? pick(key, part.Item));
    const other = names.get(target);
    if (other !== undefined && (part.Key !== undefined || other === "the record")) {
      throw new CommitError(
        `commit: write ${index} is to the same item as ${other}; a transaction writes each item once.`,
      );
    }
    if (part.Key !== undefined) names.set(target, `write ${index}`);
  }
}

/** The same text for the same key, in any order of its attributes. */
function itemTarget(tableName: string, key: Item): string {
  const attributes = Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([tableName, attributes]);
}

/** The attributes of an item that have the names of a key. */
function pick(key: Item, item: Item = {}): Item {
  const attributes = Object.keys(key).filter((name) => item[name] !== undefined);
  return Object.fromEntries(attributes.map((name) => [name, item[name]])) as Item;
}

function writeBytes(write: TransactWriteItem): number {
  const { Key = {}, Item = {}, ExpressionAttributeValues = {} } = writePart(write);
  return itemBytes(Key) + itemBytes(Item) + itemBytes(ExpressionAttributeValues);
}

function writePart(write: TransactWriteItem) {
  return (write.Put ?? write.Update ?? write.Delete ?? write.ConditionCheck) as {
    readonly TableName: string;
    readonly Key?: Item;
    readonly Item?: Item;
    readonly ExpressionAttributeValues?: Item;
  };
}
