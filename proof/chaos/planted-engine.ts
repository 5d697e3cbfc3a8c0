import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readBody } from "../../local/http/body.ts";
import { connect, type UpstreamAnswer } from "../../local/http/upstream.ts";
import { LOOPBACK, listen } from "../../local/process/ports.ts";
import { type DynamoDbRequest, type PlantedFault, plant } from "../kit/planted-faults.ts";

/** An engine behind a proxy that can remove a safeguard from requests. */
export interface PlantedEngine {
  readonly endpoint: string;
  /** Removes a safeguard from now on; `undefined` = none. */
  plant(fault: PlantedFault | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy before an engine; it removes the planted safeguard from each request. */
export async function startPlantedEngine(engineEndpoint: string): Promise<PlantedEngine> {
  const engine = connect(engineEndpoint);
  let fault: PlantedFault | undefined;

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const bytes = await readBody(incoming);
    const answer =
      fault === undefined
        ? await engine.send(incoming, bytes)
        : await sendAll(incoming, plant(fault, readRequest(incoming, bytes)));
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.bytes);
  }

  async function sendAll(
    { method, headers }: IncomingMessage,
    requests: readonly DynamoDbRequest[],
  ): Promise<UpstreamAnswer> {
    const answers: UpstreamAnswer[] = [];
    for (const { operation, input } of requests) {
      const target = `DynamoDB_20120810.${operation}`;
      const bytes = Buffer.from(JSON.stringify(input));
      answers.push(
        await engine.send({ method, headers: { ...headers, "x-amz-target": target } }, bytes),
      );
      if ((answers.at(-1)?.status ?? 500) >= 400) break;
    }
    const answer = answers.at(-1) as UpstreamAnswer;
    const [business, ...others] = requests;
    if (business === undefined || others.length === 0) return answer;
    const writes = (business.input.TransactItems as unknown[]).length;
    return toTransactionAnswer(answer, answers.length === 1 ? "business" : "record", writes);
  }

  return {
    endpoint: `http://${LOOPBACK}:${await listen(server)}`,
    plant: (planted) => {
      fault = planted;
    },
    close: async () => {
      engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readRequest(incoming: IncomingMessage, bytes: Buffer): DynamoDbRequest {
  const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
  return { operation, input: JSON.parse(bytes.toString()) };
}

/** The sender of one transaction gets the response of one: the record first, then the business writes. */
function toTransactionAnswer(
  answer: UpstreamAnswer,
  refusedBy: "business" | "record",
  writes: number,
): UpstreamAnswer {
  if (answer.status < 400) return { ...answer, ...toJsonAnswer({}) };
  const body = JSON.parse(answer.bytes.toString());
  const none = { Code: "None" };
  if (refusedBy === "business") {
    const { CancellationReasons } = body;
    if (CancellationReasons === undefined) return answer;
    return {
      ...answer,
      ...toJsonAnswer({ ...body, CancellationReasons: [none, ...CancellationReasons] }),
    };
  }
  if (!String(body.__type).endsWith("ConditionalCheckFailedException")) return answer;
  return {
    ...answer,
    ...toJsonAnswer({
      __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
      message: "Transaction cancelled",
      CancellationReasons: [
        { Code: "ConditionalCheckFailed", Item: body.Item },
        ...Array.from({ length: writes }, () => none),
      ],
    }),
  };
}

function toJsonAnswer(body: object): Pick<UpstreamAnswer, "headers" | "bytes"> {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "content-length": String(bytes.length),
  };
  return { headers, bytes };
}
