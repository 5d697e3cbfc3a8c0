import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readBody } from "../../local/http/body.ts";
import { connect, type UpstreamAnswer } from "../../local/http/upstream.ts";
import { LOOPBACK, listen } from "../../local/process/ports.ts";
import { type DynamoDbRequest, type PlantedFault, plant } from "../kit/planted-faults.ts";

/** An engine from whose requests a safeguard can be taken away. */
export interface PlantedEngine {
  readonly endpoint: string;
  /** Takes a safeguard away, from now on; `undefined` = all are there. */
  plant(fault: PlantedFault | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy before an engine, on whose way requests lose what a planted fault takes away. */
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
        : await sendAll(incoming, plant(fault, requestIn(incoming, bytes)));
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
    return ofOneTransaction(answer, answers.length === 1 ? "business" : "record", writes);
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

function requestIn(incoming: IncomingMessage, bytes: Buffer): DynamoDbRequest {
  const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
  return { operation, input: JSON.parse(bytes.toString()) };
}

/** Whoever has sent one transaction gets the answer for one: the record first, then the business. */
function ofOneTransaction(
  answer: UpstreamAnswer,
  refusedBy: "business" | "record",
  writes: number,
): UpstreamAnswer {
  if (answer.status < 400) return { ...answer, ...inJson({}) };
  const body = JSON.parse(answer.bytes.toString());
  const none = { Code: "None" };
  if (refusedBy === "business") {
    const { CancellationReasons } = body;
    if (CancellationReasons === undefined) return answer;
    return {
      ...answer,
      ...inJson({ ...body, CancellationReasons: [none, ...CancellationReasons] }),
    };
  }
  if (!String(body.__type).endsWith("ConditionalCheckFailedException")) return answer;
  return {
    ...answer,
    ...inJson({
      __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
      message: "Transaction cancelled",
      CancellationReasons: [
        { Code: "ConditionalCheckFailed", Item: body.Item },
        ...Array.from({ length: writes }, () => none),
      ],
    }),
  };
}

function inJson(body: object): Pick<UpstreamAnswer, "headers" | "bytes"> {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "content-length": String(bytes.length),
  };
  return { headers, bytes };
}
