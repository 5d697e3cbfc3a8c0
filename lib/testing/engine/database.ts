import {
  ConditionalCheckFailedException,
  type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { prepareBatch, readBatch } from "./batch.ts";
import {
  createTable,
  deleteTable,
  describeTable,
  describeTimeToLive,
  listTables,
  type Tables,
  tableNamed,
  updateTimeToLive,
} from "./definitions.ts";
import { type PageRequest, query, scan } from "./pages.ts";
import { checkOperation } from "./parameters.ts";
import { type Read, readItem } from "./projection.ts";
import {
  type AppliedWrite,
  actionsIn,
  evaluateAll,
  tokenRegister,
  type WriteTransaction,
} from "./transaction.ts";
import type { Item } from "./value.ts";
import {
  type Kind,
  type PreparedWrite,
  prepareWrite,
  refusedItem,
  returnedAttributes,
  type Write,
} from "./write.ts";

/** One item that a request has changed. */
export interface Change {
  readonly table: string;
  /** The text of its key: the key itself, where that is one text. */
  readonly id: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** The answer to a request, and the changes that were made before it. */
export interface Carried {
  readonly output: object;
  readonly changes: readonly Change[];
}

/** DynamoDB in the memory of one process. TTL deletes nothing by itself. */
export interface Database {
  /**
   * Carries a request out, as a whole or not at all.
   *
   * @param input as the SDK's commands have it: binary values are bytes.
   * @param isStale a read that is not consistent misses the last write of its item.
   * @throws the errors of DynamoDB for a condition that does not hold and for an invalid request; and
   *   ValidationException for a part of DynamoDB that this engine does not have.
   */
  carryOut(operation: string, input: object, isStale?: boolean): Carried;
  /** The items of a table, by the texts of their keys. */
  items(table: string): ReadonlyMap<string, Item>;
  /** Deletes an item as TTL does. */
  remove(table: string, id: string): void;
}

interface Named {
  readonly TableName: string;
}

interface ReadTransaction {
  readonly TransactItems: readonly { readonly Get?: Read }[];
}

const WRITES: readonly Kind[] = ["Put", "Update", "Delete", "ConditionCheck"];

type Operation = (input: never, isStale: boolean) => Carried;

/** @param now epoch milliseconds, by which the tokens of transactions are forgotten. */
export function inMemoryDynamoDb(now: () => number): Database {
  const tables: Tables = new Map();
  const tokens = tokenRegister(now);
  const named = (name: string) => tableNamed(tables, name);

  const operations: Readonly<Record<string, Operation>> = {
    CreateTable: (input: CreateTableCommandInput) => answer(createTable(tables, input, now())),
    DescribeTable: ({ TableName }: Named) => answer(describeTable(tables, TableName)),
    DeleteTable: ({ TableName }: Named) => answer(deleteTable(tables, TableName)),
    ListTables: (input) => answer(listTables(tables, input)),
    UpdateTimeToLive: (input) => answer(updateTimeToLive(tables, input)),
    DescribeTimeToLive: ({ TableName }: Named) => answer(describeTimeToLive(tables, TableName)),
    GetItem: (input: Read, isStale) => answer({ Item: read(input, isStale) }),
    PutItem: (input: Write) => write("Put", input),
    UpdateItem: (input: Write) => write("Update", input),
    DeleteItem: (input: Write) => write("Delete", input),
    Query: (input: PageRequest) => answer(query(named(input.TableName), input)),
    Scan: (input: PageRequest) => answer(scan(named(input.TableName), input)),
    TransactWriteItems: transactWrites,
    TransactGetItems: ({ TransactItems }: ReadTransaction) => {
      const reads = actionsIn(TransactItems, ["Get"]);
      return answer({ Responses: reads.map(([, input]) => ({ Item: read(input, false) })) });
    },
    BatchWriteItem(input) {
      const writes = prepareBatch(tables, input);
      const evaluated = evaluateAll(writes, itemFor);
      return answer({ UnprocessedItems: {} }, evaluated.map(apply));
    },
    BatchGetItem: (input) => answer(readBatch(tables, input)),
  };

  return {
    carryOut(operation, input, isStale = false) {
      checkOperation(operation, input);
      return (operations[operation] as Operation)(input as never, isStale);
    },
    items: (name) => named(name).items,
    remove(name, id) {
      const { items, previous } = named(name);
      items.delete(id);
      previous.delete(id);
    },
  };

  function read(input: Read, isStale: boolean): Item | undefined {
    return readItem(named(input.TableName), input, isStale);
  }

  function write(kind: Kind, input: Write): Carried {
    const prepared = prepareWrite(named(input.TableName), kind, input);
    const before = itemFor(prepared);
    const outcome = prepared.evaluate(before);
    if (!outcome.applies) {
      throw new ConditionalCheckFailedException({
        message: "The conditional request failed",
        $metadata: {},
        ...refusedItem(prepared, before),
      });
    }
    const { after } = outcome;
    const change = apply({ prepared, before, after });
    return answer({ Attributes: returnedAttributes(prepared, before, after) }, [change]);
  }

  function transactWrites(transaction: WriteTransaction): Carried {
    if (tokens.knows(transaction)) return answer({});
    const writes = actionsIn(transaction.TransactItems, WRITES).map(([kind, input]) =>
      prepareWrite(named(input.TableName), kind, input),
    );
    const evaluated = evaluateAll(writes, itemFor);
    tokens.add(transaction);
    return answer({}, evaluated.map(apply));
  }
}

function answer(output: object, changes: readonly Change[] = []): Carried {
  return { output, changes };
}

function itemFor({ table, id }: PreparedWrite): Item | undefined {
  return table.items.get(id);
}

function apply({ prepared, before, after }: AppliedWrite): Change {
  const { write, table, id } = prepared;
  if (before !== undefined) table.previous.set(id, before);
  if (after === undefined) table.items.delete(id);
  else table.items.set(id, after);
  return { table: write.TableName, id, before, after };
}
