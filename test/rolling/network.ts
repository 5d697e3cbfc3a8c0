import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The fate of one request on its way to DynamoDB, and of the process that sends it. */
export type Fate =
  | "arrives"
  /** It arrives, and its reply does not. */
  | "reply lost"
  | "lost"
  /** It seems lost, and a copy arrives later. */
  | "late"
  /** Its reply is lost, and the SDK sends it again. */
  | "twice"
  | "throttled"
  | "killed before"
  | "killed after";

/** The network between one process and DynamoDB. */
export interface Network {
  readonly client: DynamoDBClient;
  /** Ends the process: nothing that it sends arrives from then on, and it hears nothing. */
  kill(): void;
  readonly isDead: () => boolean;
}

/** Clients that processes use one after the other: to make one takes longer than to send with it. */
export interface Networks {
  /**
   * Connects a process.
   *
   * @param decide the fate of each request.
   * @param keepCopy takes a copy of a late request, to be delivered when it is called.
   */
  connect(decide: () => Fate, keepCopy: (deliver: () => Promise<unknown>) => void): Network;
  /** Takes back the client of a process that has ended. */
  disconnect(network: Network): void;
}

interface Line {
  decide: () => Fate;
  keepCopy: (deliver: () => Promise<unknown>) => void;
  isDead: boolean;
}

/** @param createClient makes one more client. */
export function openNetworks(createClient: () => DynamoDBClient): Networks {
  const idle: DynamoDBClient[] = [];
  const lines = new WeakMap<DynamoDBClient, Line>();

  function wire(client: DynamoDBClient): DynamoDBClient {
    client.middlewareStack.add(
      (next) => (args) => carry(lines.get(client) as Line, () => next(args)),
      { step: "finalizeRequest", priority: "low", name: "network" },
    );
    return client;
  }

  return {
    connect(decide, keepCopy) {
      const client = idle.pop() ?? wire(createClient());
      const line = { decide, keepCopy, isDead: false };
      lines.set(client, line);
      const kill = () => {
        line.isDead = true;
      };
      return { client, kill, isDead: () => line.isDead };
    },
    disconnect: ({ client }) => void idle.push(client),
  };
}

/** Carries a request to DynamoDB, as its fate will have it. */
async function carry<Output>(line: Line, send: () => Promise<Output>): Promise<Output> {
  if (line.isDead) throw timeout();
  const fate = line.decide();
  switch (fate) {
    case "arrives":
      return send();
    case "twice":
      await send().catch(() => {});
      return send();
    case "throttled":
      throw throttled();
    case "late":
      line.keepCopy(() => send().catch(() => {}));
      break;
    case "reply lost":
      await send().catch(() => {});
      break;
    case "killed after":
      await send().catch(() => {});
      line.isDead = true;
      break;
    case "killed before":
      line.isDead = true;
      break;
    case "lost":
      break;
  }
  throw timeout();
}

function timeout(): Error {
  return Object.assign(new Error("no reply arrived"), { name: "TimeoutError" });
}

function throttled(): Error {
  return Object.assign(new Error("slow down"), {
    name: "ProvisionedThroughputExceededException",
    $metadata: { httpStatusCode: 400 },
  });
}
