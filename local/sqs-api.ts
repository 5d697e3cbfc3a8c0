import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ACCOUNT_ID } from "./assembly/pseudo-parameters.ts";
import { readBody } from "./http/body.ts";
import { LOOPBACK, listen } from "./process/ports.ts";
import { createOperations, type Operation } from "./queue/api/operations.ts";
import { QueueError } from "./queue/queue-error.ts";
import type { Queues } from "./queue/queues.ts";
import type { QueueClock } from "./queue/settings.ts";

/** SQS for the functions. */
export type SqsApi = {
  endpoint: string;
  /** The URL of a queue, by its name. */
  queueUrl(queueName: string): string;
  close(): Promise<void>;
};

const TARGET = /^AmazonSQS\.(\w+)$/;

/** The old codes of errors whose names differ in JSON; clients of the SDK know both. */
const QUERY_CODES: Record<string, string> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
};

/** Serves the queues by the protocol AWS JSON 1.0. It asks for no signature. */
export async function startSqsApi(queues: Queues, clock: QueueClock): Promise<SqsApi> {
  const operations = createOperations(queues, clock, (name) => api.queueUrl(name));
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, operations).catch(() => outgoing.destroy());
  });
  // A frozen function cannot see that a connection is closed, and would use it after the thaw.
  server.keepAliveTimeout = 0;
  const endpoint = `http://${LOOPBACK}:${await listen(server, 0)}`;
  const api: SqsApi = {
    endpoint,
    queueUrl: (queueName) => `${endpoint}/${ACCOUNT_ID}/${queueName}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  operations: Record<string, Operation>,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const body = (await readBody(incoming)).toString();
  const [, name = ""] = TARGET.exec(String(incoming.headers["x-amz-target"])) ?? [];
  try {
    const operation = operations[name] ?? refuseOperation(name, operations);
    send(outgoing, 200, await operation(JSON.parse(body), gone.signal));
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    const { code, message } = error;
    outgoing.setHeader("x-amzn-query-error", `${QUERY_CODES[code] ?? code};Sender`);
    send(outgoing, 400, { __type: `com.amazonaws.sqs#${code}`, message });
  }
}

function refuseOperation(name: string, operations: Record<string, Operation>): never {
  throw new QueueError(
    "UnsupportedOperation",
    `The local cloud has no ${name} of SQS. It has ${Object.keys(operations).join(", ")}.`,
  );
}

function send(outgoing: ServerResponse, status: number, output: object): void {
  const text = JSON.stringify(output);
  outgoing.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
  });
  outgoing.end(text);
}
