import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import type { IdempotencyOptions, Store } from "../../../lib/index.ts";
import { type Fault, injectFaults } from "../../support/faults.ts";
import {
  type Behaviour,
  type Service,
  serviceOf,
  type TestContext,
} from "../../support/service.ts";
import { clientOf, createTable } from "../../support/table.ts";
import { type Accounts, openAccounts } from "./accounts.ts";

/** A service with a handler that may commit moves of money. */
export interface MoneyService extends Service, Accounts {
  readonly store: Store;
  /** The commands that have reached DynamoDB. */
  readonly sent: string[];
}

/**
 * Opens a service on an engine, with two accounts and tables of its own.
 *
 * @param decide the fate of each request on its way to DynamoDB.
 */
export async function openService(
  engine: { endpoint: string },
  behaviour: (accounts: Accounts) => Behaviour,
  options: Partial<IdempotencyOptions<unknown, TestContext>> = {},
  decide: (command: string, attempt: number) => Fault = () => "none",
): Promise<MoneyService> {
  const accounts = await openAccounts(clientOf(engine));
  const client = clientOf(engine, 3);
  const { sent } = injectFaults(client, decide);
  const store = dynamoDbStore({ tableName: await createTable(clientOf(engine)), client });
  return { ...accounts, store, sent, ...serviceOf(behaviour(accounts), { store, ...options }) };
}

/** The options of `openService` beside the engine. */
export type OpenParameters =
  Parameters<typeof openService> extends [unknown, ...infer Rest] ? Rest : never;
