import { afterAll, beforeAll } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { Store } from "../../lib/index.ts";
import { type Engine, type EngineName, startEngine } from "../../local/engine.ts";
import { clientOf, createTable } from "../support/table.ts";
import { storeContract } from "./store-contract.ts";

/** Runs the contract suite against `dynamoDbStore` on an engine that really evaluates conditions. */
export function storeContractOn(name: EngineName): void {
  let engine: Engine;
  let store: Store;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    const client = clientOf(engine);
    store = dynamoDbStore({ tableName: await createTable(client), client });
  }, 30_000);

  afterAll(() => engine.close());

  storeContract(`dynamoDbStore on ${name}`, () => store);
}
