import { Bench } from "tinybench";

/** What a sample is: time on the wall, or time that this process has computed. */
export type Meter = "wall" | "cpu";

/** What is timed, and what has to be done before each time. */
export interface Timed {
  prepare(): Promise<void>;
  request(): Promise<unknown>;
}

/** Times so many requests, one after the other, and returns the milliseconds of each, ascending. */
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

/** That of the whole process: Linux brings a thread's own up to date once in a tick only. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
