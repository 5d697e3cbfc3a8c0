/*
 * In the process of a function: counts how often each point is passed, and dies at the chosen one.
 * Nothing else is different for the function: each `await` waits for the same promise.
 */

let counts = new Map<string, number>();
let passed: string[] = [];
let deadly: string | undefined;

/** Begins to count anew. @param dieAt the point at which this process kills itself. */
export function watch(dieAt: string | undefined): void {
  counts = new Map();
  passed = [];
  deadly = dieAt;
}

/** The points that were passed since `watch`, in their order. */
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

/** What `await-sites.ts` makes every `await` call. */
export const killPoints = {
  before: (id: string) => pass("before", id),

  /** Its reaction comes first, so that nothing that waits for the value has gone on yet. */
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
