import { parentPort } from "node:worker_threads";
import { type Search, search } from "./search.ts";

// Most errors here are answers of DynamoDB, and nobody reads where they were made.
Error.stackTraceLimit = 0;

parentPort?.on("message", async (batch: Search) => {
  parentPort?.postMessage(await search(batch));
});
