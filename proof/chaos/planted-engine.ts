import type { IncomingMessage } from "node:http";
import { createAnswer, readOperation, startEngineProxy } from "../../local/engine-proxy.ts";
import type { Upstream, UpstreamAnswer } from "../../local/http/upstream.ts";
import { createRefusal } from "../../local/refusal.ts";
import { type PlantedFault, plant } from "../kit/planted-faults.ts";
import type { DynamoDbRequest } from "../kit/record-updates.ts";

/** An engine behind a proxy that can remove a safeguard from requests. */
export interface PlantedEngine {
  readonly endpoint: string;
  /** Removes a safeguard from now on; `undefined` = none. */
  plant(fault: PlantedFault | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy before an engine; it removes the planted safeguard from each request. */
export async function startPlantedEngine(engineEndpoint: string): Promise<PlantedEngine> {
  let fault: PlantedFault | undefined;
  const proxy = await startEngineProxy(engineEndpoint, ({ incoming, bytes }, engine) =>
    fault === undefined
      ? engine.send(incoming, bytes)
      : sendAll(engine, incoming, plant(fault, readRequest(incoming, bytes))),
  );
  return {
    endpoint: proxy.endpoint,
    plant: (planted) => {
      fault = planted;
    },
    close: proxy.close,
  };
}

/** Sends requests in the place of one, up to the first refusal. */
async function sendAll(
  engine: Upstream,
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

function readRequest(incoming: IncomingMessage, bytes: Buffer): DynamoDbRequest {
  return { operation: readOperation(incoming), input: JSON.parse(bytes.toString()) };
}

/** The sender of one transaction gets the response of one: the record first, then the business writes. */
function toTransactionAnswer(
  answer: UpstreamAnswer,
  refusedBy: "business" | "record",
  writes: number,
): UpstreamAnswer {
  if (answer.status < 400) return createAnswer(answer.status, {});
  const body = JSON.parse(answer.bytes.toString());
  const none = { Code: "None" };
  if (refusedBy === "business") {
    const { CancellationReasons } = body;
    if (CancellationReasons === undefined) return answer;
    return createAnswer(answer.status, {
      ...body,
      CancellationReasons: [none, ...CancellationReasons],
    });
  }
  if (!String(body.__type).endsWith("ConditionalCheckFailedException")) return answer;
  const CancellationReasons = [
    { Code: "ConditionalCheckFailed", Item: body.Item },
    ...Array.from({ length: writes }, () => none),
  ];
  const refusal = createRefusal("TransactionCanceledException", { CancellationReasons });
  return createAnswer(refusal.status, refusal.body);
}
