/*
 * Runs in the process of a function: counts the passes of each point, and kills the process at the
 * chosen one. The function notices nothing: each `await` waits for the same promise.
 */

let counts = new Map<string, number>();
let passed: string[] = [];
let deadly: string | undefined;

/** Resets the counts. @param dieAt the point at which this process kills itself. */
export function watch(dieAt: string | undefined): void {
  counts = new Map();
  passed = [];
  deadly = dieAt;
}

/** The points that the process has passed since `watch`, in their order. */
export function passedPoints(): readonly string[] {
  return passed;
}

function pass(moment: string, id: string): string {
  const name = `${moment} ${id}`;
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  const point = count === 1 ? name : `${name}, time ${count}`;
  passed.push(point);
  if (point === deadly) process.kill(process.pid, "SIGKILL");
  return id;
}

/** The functions that `await-sites.ts` makes every `await` call. */
export const killPoints = {
  before: (id: string) => pass("before", id),

  /** Reports before the awaiting code goes on: this reaction to the promise is the first. */
  awaited<Value>(id: string, value: Value): Value {
    const after = () => void pass("after", id);
    Promise.resolve(value).then(after, after);
    return value;
  },

  async *iterated<Value>(id: string, values: AsyncIterable<Value>): AsyncGenerator<Value> {
    for await (const value of values) {
      pass("after", id);
      yield value;
      pass("before", id);
    }
    pass("after", id);
  },
};
