import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../../local/engine.ts";
import { clientOf, createTable } from "../support/table.ts";

let engine: Engine;
const workers: Worker[] = [];
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});
afterAll(() => engine.close());

test("of two clones that draw the same random numbers, only the first runs the handler", async () => {
  const tableName = await createTable(clientOf(engine));
  const start = (awsRequestId: string) => {
    const workerData = { endpoint: engine.endpoint, tableName, awsRequestId };
    const worker = new Worker(new URL("./clone.ts", import.meta.url), { workerData });
    workers.push(worker);
    return worker;
  };
  const first = start("request-1");
  expect(await once(first, "message")).toEqual(["runs"]);
  // The first clone has the claim, under an owner made of the same random numbers.
  const second = start("request-2");
  expect(await once(second, "message")).toEqual([409]);
  first.postMessage("end");
  expect(await once(first, "message")).toEqual([201]);
});
