import { afterAll, beforeAll } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";
import type { Store } from "../../lib/index.ts";
import { type Engine, type EngineName, startEngine } from "../../local/engine.ts";
import { clientOf, createTable } from "../support/table.ts";
import { storeContract } from "./store-contract.ts";

/**
 * Runs the contract suite against `dynamoDbStore` on an engine that really evaluates conditions.
 *
 * @param layout of the table, where it is not as `IdempotencyTable` makes it.
 */
export function storeContractOn(name: EngineName, layout: LayoutOptions = {}): void {
  let engine: Engine;
  let store: Store;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    const client = clientOf(engine);
    store = dynamoDbStore({ tableName: await createTable(client, layout), client, ...layout });
  }, 30_000);

  afterAll(() => engine.close());

  const table = layout.keyAttributes ? ", on a table of another layout," : "";
  storeContract(`dynamoDbStore on ${name}${table}`, () => store);
}
