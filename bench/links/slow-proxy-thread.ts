import { createConnection, createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { listen } from "../../local/process/ports.ts";

const { target, delayMs } = workerData as { target: string; delayMs: number };
const { hostname, port } = new URL(target);

// Requests wait and responses do not: a client sees a longer round trip.
const server = createServer({ noDelay: true }, (client) => {
  const engine = createConnection({ host: hostname, port: Number(port), noDelay: true });
  client.on("data", (chunk) => setTimeout(() => engine.write(chunk), delayMs));
  engine.on("data", (chunk) => client.write(chunk));
  for (const [one, other] of [
    [client, engine],
    [engine, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});

parentPort?.postMessage(await listen(server));
