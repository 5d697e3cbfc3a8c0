import { Bench } from "tinybench";

/** The unit of a sample: time on the wall, or CPU time of this process. */
export type Meter = "wall" | "cpu";

/** A timed request, with its untimed preparation. */
export interface Timed {
  prepare(): Promise<void>;
  request(): Promise<unknown>;
}

/** Times this many requests, one after the other, and returns their milliseconds in ascending order. */
export async function timeBlock(timed: Timed, count: number, meter: Meter): Promise<number[]> {
  const bench = new Bench({
    now: meter === "cpu" ? cpuMs : () => performance.now(),
    iterations: count,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  bench.add("block", () => timed.request(), { async: true, beforeEach: () => timed.prepare() });
  const [task] = await bench.run();
  const { result } = task ?? {};
  if (result?.state !== "completed") throw new Error("The block did not complete.");
  return [...(result.latency.samples ?? [])];
}

/** The CPU time of the whole process: Linux updates a thread's own time only once in a tick. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
