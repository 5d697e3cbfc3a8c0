import { AsyncLocalStorage } from "node:async_hooks";
import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { aText, check, optional, type Requirements } from "../checks/requirements.ts";
import { readItem } from "../dynamodb/item.ts";
import { canonicalItem, type TableLayout, tableLayout } from "../dynamodb/layout.ts";
import { layoutFor } from "../dynamodb/layout-variable.ts";
import { type DynamoDbStoreOptions, dynamoDbStore } from "../dynamodb/store.ts";
import { ConfigurationError } from "../errors.ts";
import { type Clock, systemClock } from "../protocol/clock.ts";
import type { IdempotencyRecord } from "../protocol/record.ts";
import type { Store } from "../protocol/store.ts";
import { crashPlan } from "./crashes.ts";
import { type Database, inMemoryDynamoDb } from "./engine/database.ts";
import { answerRequest, operationIn, type WireAnswer } from "./engine/wire.ts";
import {
  conflictAnswer,
  type Fault,
  faultPlan,
  type StoreCall,
  throttledAnswer,
} from "./faults.ts";
import { memoryClient } from "./memory-client.ts";
import { type TestTable, type TestTableKey, tableRequest, testTable } from "./test-table.ts";

/** The tables of a {@link testStore}, and the store's own options. */
export interface TestStoreOptions extends Omit<DynamoDbStoreOptions, "client" | "tableName"> {
  /**
   * The table of the records, which the store creates.
   * @default "idempotency"
   */
  readonly tableName?: string;
  /**
   * The tables that the handler writes to, by their names, each with its key. Create a table with
   * indexes by a `CreateTableCommand` on the store's `client`.
   * @default {}
   * @example { accounts: "id", orders: { partitionKey: { name: "customer", type: "S" }, sortKey: { name: "number", type: "N" } } }
   */
  readonly tables?: Readonly<Record<string, TestTableKey>>;
  /**
   * The clock of the test, by which DynamoDB forgets the tokens of transactions after 10 minutes.
   * @default the machine's clock
   */
  readonly clock?: Pick<Clock, "now">;
}

/** A request that was sent to the DynamoDB of a test. */
export interface DynamoDbRequest {
  /** The call of the layer that sent it; `undefined` = the handler sent it. */
  readonly call: StoreCall | undefined;
  /** DynamoDB's name of the operation: `UpdateItem`, `TransactWriteItems`. */
  readonly operation: string;
  /** The fault that it met; `undefined` = none. */
  readonly fault: Fault | undefined;
}

/**
 * A store for tests: `dynamoDbStore` on a DynamoDB in the memory of the process, which evaluates the
 * conditions and the updates that it is sent.
 *
 * The methods that disturb it name the calls that they disturb, of {@link Store}: `"claim"`, `"complete"`,
 * `"commit"`; `"any"` is every call. `times` counts requests to DynamoDB. The SDK sends a request without
 * an answer, and a throttled one, up to three times.
 */
export interface TestStore extends Store {
  /**
   * A client of the same DynamoDB, for the handler's own reads and writes. `DynamoDBDocumentClient.from`
   * takes it.
   */
  readonly client: DynamoDBClient;
  /** The requests so far, the attempts of the SDK included. */
  readonly requests: readonly DynamoDbRequest[];
  /**
   * The table of this name, to arrange its items and to assert on them.
   *
   * @throws ConfigurationError if there is no such table.
   */
  table<Item = Readonly<Record<string, unknown>>>(name: string): TestTable<Item>;
  /** All records, as the layer reads them: their states, owners, fences and ends. */
  records(): IdempotencyRecord[];
  /** Refuses the next requests of a call, because the table has no capacity left. */
  throttle(call: StoreCall | "any", times?: number): void;
  /** Refuses the next requests of a call, because another transaction holds an item. */
  conflict(call: Exclude<StoreCall, "read"> | "any", times?: number): void;
  /** Loses the next requests of a call on their way: DynamoDB never gets them. */
  loseRequest(call: StoreCall | "any", times?: number): void;
  /** Carries the next requests of a call out, and loses the answers. */
  loseAnswer(call: StoreCall | "any", times?: number): void;
  /** Forgets the faults and crashes that have not come yet. */
  recover(): void;
  /**
   * Lets the process die before the next request of a call: the invocation never ends.
   *
   * @returns a promise of that moment.
   * @example
   * const crash = store.crashBefore("complete");
   * void handler(event, testContext({ clock }));
   * await crash; // the handler has run, and nothing has recorded that
   */
  crashBefore(call: StoreCall): Promise<void>;
  /** Lets the process die after the next request of a call was carried out; otherwise as `crashBefore`. */
  crashAfter(call: StoreCall): Promise<void>;
}

/**
 * Creates a store for the unit tests of a handler. It has its own, empty tables. It commits: `commit`,
 * `step.commit` and `claimAt: "commit"` work as on DynamoDB, and a condition that fails refuses the commit.
 *
 * Not as on AWS: it needs no permissions, has no capacity, deletes nothing by TTL, and reads are never
 * stale.
 *
 * @throws ConfigurationError if an option is unknown, or a name is not one of DynamoDB's.
 * @example
 * const store = testStore({ tables: { accounts: "id" } });
 * store.table("accounts").put({ id: "alice", balanceMinor: 100 });
 */
export function testStore(options: TestStoreOptions = {}): TestStore {
  check<TestStoreOptions>("testStore", options, REQUIREMENTS);
  const { tableName = "idempotency", tables = {}, clock = systemClock, ...others } = options;
  const layout = tableLayout("testStore", tableName, layoutFor(tableName, others));
  const database = inMemoryDynamoDb(() => clock.now());
  createTables(database, layout, tables);

  const faults = faultPlan();
  const crashes = crashPlan();
  const requests: DynamoDbRequest[] = [];
  const currentCall = new AsyncLocalStorage<StoreCall>();

  function answer(target: string, body: string): WireAnswer {
    const call = currentCall.getStore();
    const operation = operationIn(target) ?? target;
    const fault = faults.take(call);
    requests.push({ call, operation, fault });
    if (fault === "throttled") return throttledAnswer();
    if (fault === "conflict") return conflictAnswer(operation, body);
    const answered = fault === "lost-request" ? undefined : answerRequest(database, target, body);
    if (fault !== undefined || answered === undefined) throw timeoutError(fault);
    return answered;
  }

  const client = memoryClient(answer);
  const store = dynamoDbStore({ ...others, tableName, client });
  const calls = Object.entries(store) as [StoreCall, (...given: unknown[]) => Promise<unknown>][];
  const disturbed = calls.map(([call, send]) => [
    call,
    (...given: unknown[]) =>
      currentCall.run(call, () => crashes.around(call, () => send(...given))),
  ]);
  const { marshallOptions = {} } = others;
  return {
    ...(Object.fromEntries(disturbed) as Store),
    client,
    requests,
    table: (name) => testTable(database, existing(database, name), marshallOptions) as never,
    records: () => readRecords(database, layout),
    throttle: (call, times = 1) => faults.add("throttled", call, times),
    conflict: (call, times = 1) => faults.add("conflict", call, times),
    loseRequest: (call, times = 1) => faults.add("lost-request", call, times),
    loseAnswer: (call, times = 1) => faults.add("lost-answer", call, times),
    recover() {
      faults.clear();
      crashes.clear();
    },
    crashBefore: (call) => crashes.add(call, "before"),
    crashAfter: (call) => crashes.add(call, "after"),
  };
}

function createTables(
  database: Database,
  { tableName, partitionKey, sortKey }: TableLayout,
  tables: Readonly<Record<string, TestTableKey>>,
): void {
  const text = (name: string) => ({ name, type: "S" }) as const;
  const records: TestTableKey = {
    partitionKey: text(partitionKey),
    ...(sortKey && { sortKey: text(sortKey.name) }),
  };
  for (const [name, key] of [[tableName, records] as const, ...Object.entries(tables)]) {
    try {
      database.carryOut("CreateTable", tableRequest(name, key));
    } catch (error) {
      throw new ConfigurationError(
        `testStore: the table "${name}" cannot be created: ${(error as Error).message}`,
      );
    }
  }
}

function existing(database: Database, name: string): string {
  const { output } = database.carryOut("ListTables", {});
  const { TableNames } = output as { readonly TableNames: readonly string[] };
  if (TableNames.includes(name)) return name;
  throw new ConfigurationError(
    `testStore: there is no table "${name}", only ${TableNames.map((one) => `"${one}"`).join(", ")}. Name it in the option tables: testStore({ tables: { "${name}": "id" } }), with the name of its partition key.`,
  );
}

/** A table may have other items beside the records, which have no version. */
function readRecords(database: Database, layout: TableLayout): IdempotencyRecord[] {
  const { prefix, partitionKey, sortKey } = layout;
  const isRecord = (item: Readonly<Record<string, AttributeValue>>) =>
    item[partitionKey]?.S?.startsWith(prefix) &&
    (sortKey === undefined || item[sortKey.name]?.S === sortKey.value) &&
    item[layout.names.get("version") ?? ""] !== undefined;
  const items = [...database.items(layout.tableName).values()];
  return items.filter(isRecord).map((item) => readItem(canonicalItem(layout, item)));
}

function timeoutError(fault: Fault | undefined): Error {
  const message = fault === "lost-answer" ? "the answer was lost" : "the request was lost";
  return Object.assign(new Error(`testStore: ${message}`), { name: "TimeoutError" });
}

const anObject = [
  (value: unknown) => typeof value === "object" && value !== null,
  "an object",
] as const;

/** `dynamoDbStore` checks the values of its own options. */
const REQUIREMENTS: Requirements<TestStoreOptions> = {
  tableName: optional(aText),
  tables: optional([anObject[0], "an object with the key of each table"]),
  clock: optional([
    (value) => typeof (value as { now?: unknown } | null)?.now === "function",
    "an object with now(), for example testClock()",
  ]),
  multiRegionConsistency: optional([() => true, ""]),
  keyAttributes: optional([() => true, ""]),
  attributes: optional([() => true, ""]),
  marshallOptions: optional(anObject),
};
