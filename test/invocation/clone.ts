import { parentPort, workerData } from "node:worker_threads";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyOptions, idempotent, ietf } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { clientOf } from "../support/table.ts";

/*
 * A process that is restored from a snapshot: it draws the same random numbers as every other copy.
 * It executes one request, reports when the handler runs, and ends the handler when a message comes.
 */

const { endpoint, tableName, awsRequestId } = workerData as Record<string, string>;
let drawn = 0;
const options: IdempotencyOptions = {
  store: dynamoDbStore({
    tableName: String(tableName),
    client: clientOf({ endpoint: String(endpoint) }),
  }),
  singleTenant: true,
  profile: ietf(),
  randomUUID: () => {
    drawn += 1;
    return `00000000-0000-4000-8000-${String(drawn).padStart(12, "0")}`;
  },
};
const handler = idempotent(async () => {
  parentPort?.postMessage("runs");
  await new Promise((resolve) => parentPort?.once("message", resolve));
  return { statusCode: 201 };
}, options);

const context = { awsRequestId, getRemainingTimeInMillis: () => 10_000 };
const answer = (await handler(httpApiEvent({ key: "k" }), context as never)) as {
  statusCode: number;
};
parentPort?.postMessage(answer.statusCode);
parentPort?.close();
