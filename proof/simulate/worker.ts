import { parentPort } from "node:worker_threads";
import { type HistorySearch, search } from "./search.ts";

// Most errors here come from the simulated DynamoDB, and no reader needs their stacks.
Error.stackTraceLimit = 0;

parentPort?.on("message", async (batch: HistorySearch) => {
  parentPort?.postMessage(await search(batch));
});
