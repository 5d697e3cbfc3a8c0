import { ACCOUNT_ID, REGION } from "../../../local/assembly/pseudo-parameters.ts";
import { type Bank, startBank } from "../../../local/demo/bank.ts";
import { type EngineName, startEngine } from "../../../local/engine.ts";
import type { FunctionDefinition } from "../../../local/functions/definition.ts";
import type { InvocationResult } from "../../../local/functions/environment.ts";
import { chooseRunner } from "../../../local/functions/runner.ts";
import { type Functions, prepareFunctions } from "../../../local/functions.ts";
import { Queues } from "../../../local/queue/queues.ts";
import { startQueueClock } from "../../../local/queue/running-clock.ts";
import { startSqsApi } from "../../../local/sqs-api.ts";
import { createTables } from "../../../local/tables.ts";
import { startTap, type Tap } from "../../../local/tap.ts";
import { defineTable } from "../../killpoints/tables.ts";
import { type PlantedEngine, startPlantedEngine } from "../planted-engine.ts";
import { type SkewedClocks, startSkewedClocks } from "../skewed-clocks.ts";
import { ARMS, type ArmName } from "./arms.ts";
import { createQueueBooks, type QueueBooks, TABLES } from "./books.ts";
import { bundleConsumers } from "./bundle.ts";
import type { QueueName } from "./history.ts";
import { type RunningQueue, startChaosQueues } from "./queues.ts";

/** The parts of a run with queues. */
export interface QueueStage {
  /** The name of the engine. */
  readonly engine: string;
  readonly tap: Tap;
  readonly functions: Functions;
  readonly queues: readonly RunningQueue[];
  readonly bank: Bank;
  readonly clocks: SkewedClocks;
  readonly books: QueueBooks;
  readonly plant: PlantedEngine["plant"];
  /** Sees each batch: gets its event, and a call that has the consumer process it. */
  onBatch: (event: string, invoke: () => Promise<InvocationResult>) => Promise<InvocationResult>;
  close(): Promise<void>;
}

/** The names of the consumers, for the trouble. */
export const CONSUMERS = /Consumer/;

/** Shorter than the pauses of stopped processes, so that time runs out in the middle of a record. */
const TIMEOUT_MS = 3_500;
const MAX_ENVIRONMENTS = 4;

/**
 * Runs two consumers, one for the queues of each claim, with clocks that disagree, on an engine behind
 * proxies.
 *
 * @throws the errors of `startEngine`.
 */
export async function openQueueStage(arm: ArmName, name?: EngineName): Promise<QueueStage> {
  const started: { close(): unknown }[] = [];
  const close = async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  const keep = <Part extends { close(): unknown }>(part: Part): Part => {
    started.push(part);
    return part;
  };
  try {
    const engine = keep(await startEngine(name && { engine: name }));
    await createTables(
      engine.endpoint,
      Object.values(TABLES).map((table) => defineTable(table, "id")),
    );
    const planted = keep(await startPlantedEngine(engine.endpoint));
    const tap = keep(await startTap(planted.endpoint));
    const clocks = keep(startSkewedClocks());
    const bank = keep(await startBank());
    const books = keep(createQueueBooks(engine.endpoint, bank));
    const queueClock = keep(startQueueClock());
    const all = new Queues(queueClock);
    const sqs = keep(await startSqsApi(all, queueClock));
    const bundle = keep(await bundleConsumers());
    const define = (claimAt: string): FunctionDefinition => ({
      logicalId: `${claimAt}Consumer`,
      name: `${claimAt}Consumer`,
      arn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${claimAt}Consumer`,
      handler: ARMS[arm].handler,
      codeFolder: bundle.folder,
      environment: {
        ...ARMS[arm].environment,
        CLAIM_AT: claimAt,
        RECORDS_TABLE: TABLES.records,
        LEDGER_TABLE: TABLES.ledger,
        BANK_URL: bank.url,
      },
      timeoutMs: TIMEOUT_MS,
      memoryMb: 256,
    });
    const consumers = { start: define("start"), commit: define("commit") };
    const functions = keep(
      prepareFunctions(Object.values(consumers), {
        runner: chooseRunner(),
        clockFor: clocks.chooseClock,
        maxEnvironments: MAX_ENVIRONMENTS,
        dynamoDbEndpoint: (environmentId) => tap.endpoint(environmentId),
        // No consumer calls Lambda.
        lambdaEndpoint: () => "",
        sqsEndpoint: () => sqs.endpoint,
        onLog: () => {},
        // An environment that is killed while it loads is not worth a line.
        onInitFailure: () => {},
      }),
    );
    const consumerOf = (queue: QueueName) =>
      queue.startsWith("commit") ? consumers.commit : consumers.start;
    const queues = startChaosQueues(all, queueClock, consumerOf, (definition, event) =>
      stage.onBatch(event, () => functions.invoke(definition, event)),
    );
    // The queues end before the functions, so that no batch meets a closed function.
    for (const queue of queues) keep(queue);
    const stage: QueueStage = {
      ...{ engine: engine.name, tap, functions, queues, bank, clocks, books },
      plant: planted.plant,
      onBatch: (_, invoke) => invoke(),
      close,
    };
    return stage;
  } catch (error) {
    await close();
    throw error;
  }
}
