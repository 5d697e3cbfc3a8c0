import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A TCP proxy that makes every round trip longer. */
export interface SlowProxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts a proxy in a thread of its own, so that its work is not measured. */
export async function startSlowProxy(target: string, delayMs: number): Promise<SlowProxy> {
  const worker = new Worker(new URL("./slow-proxy-thread.ts", import.meta.url), {
    workerData: { target, delayMs },
  });
  const [port] = await once(worker, "message");
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => void (await worker.terminate()),
  };
}
