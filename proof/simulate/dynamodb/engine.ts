import {
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { readCondition } from "./condition.ts";
import { invalid } from "./errors.ts";
import type { Bound, Item } from "./operand.ts";
import { evaluate, idOf, type Kind, type Write } from "./write.ts";

/** One item that a request has changed. */
export interface Change {
  readonly table: string;
  readonly id: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** What DynamoDB answers, and what it has changed before that. */
export interface Carried {
  readonly output: {
    readonly Attributes?: Item | undefined;
    readonly Item?: Item | undefined;
    readonly Items?: readonly Item[];
  };
  readonly changes: readonly Change[];
}

/** DynamoDB in the memory of one process: tables with the partition key `id`. */
export interface Engine {
  /**
   * Carries a request out, as a whole or not at all.
   *
   * @param isStale a read that is not consistent misses the last write of its item.
   * @throws what DynamoDB answers where a condition does not hold, or the request is not valid.
   */
  carryOut(operation: string, input: object, isStale?: boolean): Carried;
  items(table: string): Map<string, Item>;
  /** Deletes an item as TTL does. */
  remove(table: string, id: string): void;
}

/** For how long DynamoDB knows the token of a transaction. */
const TOKEN_MS = 10 * 60_000;

interface Transaction {
  readonly ClientRequestToken?: string;
  readonly TransactItems: readonly Readonly<Partial<Record<Kind, Write>>>[];
}

interface Read {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

interface Query extends Bound {
  readonly TableName: string;
  readonly KeyConditionExpression: string;
}

/** @param now epoch milliseconds, by which the tokens of transactions are forgotten. */
export function inMemoryDynamoDb(now: () => number): Engine {
  const tables = new Map<string, Map<string, Item>>();
  const previous = new Map<string, Map<string, Item>>();
  const tokens = new Map<string, { readonly untilMs: number; readonly text: string }>();

  return {
    carryOut(operation, input, isStale = false) {
      switch (operation) {
        case "GetItem":
          return read(input as Read, isStale);
        case "Query":
          return query(input as Query);
        case "UpdateItem":
          return update(input as Write);
        case "TransactWriteItems":
          return transact(input as Transaction);
        default:
          return invalid(`${operation} is not known here.`);
      }
    },
    items: (table) => itemsIn(tables, table),
    remove(table, id) {
      itemsIn(tables, table).delete(id);
      itemsIn(previous, table).delete(id);
    },
  };

  function read({ TableName, Key, ConsistentRead = false }: Read, isStale: boolean): Carried {
    const from = isStale && !ConsistentRead ? previous : tables;
    return {
      output: { Item: itemsIn(from, TableName).get(idOf({ TableName, Key })) },
      changes: [],
    };
  }

  /** All of it is one page, whatever the index is. */
  function query(asked: Query): Carried {
    const { meaning } = readCondition(asked.KeyConditionExpression);
    const items = [...itemsIn(tables, asked.TableName).values()];
    return { output: { Items: items.filter((item) => meaning(item, asked)) }, changes: [] };
  }

  function update(write: Write): Carried {
    const before = itemOf(write);
    const outcome = evaluate("Update", write, before);
    if (!outcome.applies) {
      throw new ConditionalCheckFailedException({
        message: "The conditional request failed",
        $metadata: {},
        ...oldItem(write, before),
      });
    }
    const Attributes = write.ReturnValues === "ALL_OLD" ? before : undefined;
    return { output: { Attributes }, changes: [apply(write, before, outcome.after)] };
  }

  function transact({ ClientRequestToken = "", TransactItems }: Transaction): Carried {
    const text = JSON.stringify(TransactItems);
    const known = tokens.get(ClientRequestToken);
    if (known !== undefined && known.untilMs > now()) {
      if (known.text === text) return { output: {}, changes: [] };
      throw new IdempotentParameterMismatchException({ message: "Other items", $metadata: {} });
    }
    const writes = TransactItems.map((action) => {
      const [[kind, write] = invalid("An action is empty.")] = Object.entries(action);
      const before = itemOf(write);
      return { write, before, outcome: evaluate(kind as Kind, write, before) };
    });
    if (
      new Set(writes.map(({ write }) => `${write.TableName}/${idOf(write)}`)).size < writes.length
    ) {
      invalid("Transaction request cannot include multiple operations on one item");
    }
    if (writes.some(({ outcome }) => !outcome.applies)) {
      throw new TransactionCanceledException({
        message: "Transaction cancelled",
        $metadata: {},
        CancellationReasons: writes.map(({ write, before, outcome }) =>
          outcome.applies
            ? { Code: "None" }
            : { Code: "ConditionalCheckFailed", ...oldItem(write, before) },
        ),
      });
    }
    if (ClientRequestToken !== "") {
      tokens.set(ClientRequestToken, { untilMs: now() + TOKEN_MS, text });
    }
    const changes = writes.flatMap(({ write, before, outcome }) =>
      outcome.applies ? apply(write, before, outcome.after) : [],
    );
    return { output: {}, changes };
  }

  function itemOf(write: Write): Item | undefined {
    return itemsIn(tables, write.TableName).get(idOf(write));
  }

  function apply(write: Write, before: Item | undefined, after: Item | undefined): Change {
    const { TableName: table } = write;
    const id = idOf(write);
    if (before !== undefined) itemsIn(previous, table).set(id, before);
    if (after === undefined) itemsIn(tables, table).delete(id);
    else itemsIn(tables, table).set(id, after);
    return { table, id, before, after };
  }
}

function oldItem({ ReturnValuesOnConditionCheckFailure }: Write, before: Item | undefined) {
  const isWanted = ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  return isWanted && before !== undefined ? { Item: before } : {};
}

function itemsIn(tables: Map<string, Map<string, Item>>, table: string): Map<string, Item> {
  let items = tables.get(table);
  if (items === undefined) {
    items = new Map();
    tables.set(table, items);
  }
  return items;
}
