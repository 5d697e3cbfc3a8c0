import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { idempotent, memoryStore, type Observation, warnOperator } from "../lib/index.ts";
import { idempotency } from "../lib/middy.ts";
import { type Observer, quietly } from "../lib/observe.ts";

const FENCED: Observation = { kind: "fenced", recordId: "id-1", fence: 1 };

afterEach(() => {
  jest.restoreAllMocks();
});

/**
 * Observers that fail in every way, by name, as source text. They run in a process without Jest: an
 * unhandled rejection would end it, as it ends a function on Lambda.
 */
const FAILING = `{
  throws() { throw new Error("observer"); },
  throwsNothing() { throw undefined; },
  async rejects() { throw new Error("observer"); },
  async rejectsLater() { await undefined; throw new Error("observer"); },
  async neverSettles() { await new Promise(() => {}); },
  returnsARejection() { return Promise.reject(new Error("observer")); },
  hasAThenThatThrows() { return { then() { throw new Error("observer"); } }; },
  hasAThenThatRejects() { return { async then() { throw new Error("observer"); } }; },
  hasAThenThatCannotBeRead() { return { get then() { throw new Error("observer"); } }; },
  hasAThenThatReturnsItself() { const self = { then: () => self }; return self; },
  overridesThen() { return Object.assign(Promise.reject(new Error("observer")), { then() { throw 1; } }); },
  overridesCatch() { return Object.assign(Promise.reject(new Error("observer")), { catch: 1 }); },
  rejectsAsASubclass() { return (class extends Promise {}).reject(new Error("observer")); },
  isAGenerator: function* () { throw new Error("observer"); },
  isAnAsyncGenerator: async function* () { throw new Error("observer"); },
  isAClass: class {},
  isAProxy: new Proxy(() => {}, { apply() { throw new Error("observer"); } }),
  freezes(observation) { Object.freeze(observation); observation.kind = "x"; },
}`;

test("however an observer fails, the handler runs once, and the process lives on", async () => {
  const lib = new URL("../lib/index.ts", import.meta.url);
  const script = `
    import { idempotent, memoryStore } from ${JSON.stringify(lib.href)};
    const event = { requestContext: { http: { method: "POST", path: "/" } }, headers: { "idempotency-key": "k" } };
    for (const [name, observe] of Object.entries(${FAILING})) {
      let runs = 0;
      const handler = idempotent(async () => ({ statusCode: 201, body: String(++runs) }), {
        store: memoryStore(), singleTenant: true, observe,
      });
      const answers = [await handler(event, {}), await handler(event, {})];
      await new Promise((resolve) => setImmediate(resolve));
      console.log(name, answers.map(({ statusCode, body }) => statusCode + " " + body).join(", "));
    }`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--no-warnings", "--input-type=module", "--eval", script],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(18);
  expect(lines.filter((line) => !line.endsWith(" 201 1, 201 1"))).toEqual([]);
});

test("an observer is called at once, and not awaited", () => {
  const seen: Observation[] = [];
  const observe = quietly(async (observation) => {
    seen.push(observation);
    await new Promise(() => {});
  });
  expect(observe(FENCED)).toBeUndefined();
  expect(seen).toEqual([FENCED]);
});

test("a lazy thenable, as query builders return, is started", () => {
  const then = jest.fn();
  quietly(() => ({ then }))(FENCED);
  expect(then).toHaveBeenCalledTimes(1);
});

test.each<[string, (options: never) => unknown]>([
  ["idempotent()", (options) => idempotent(async () => ({ statusCode: 200 }), options)],
  ["idempotency()", (options) => idempotency(options)],
])("%s refuses an option that cannot be read, when the function starts", (_name, make) => {
  const options = {
    store: memoryStore(),
    singleTenant: true,
    get observe() {
      throw new Error("not today");
    },
  };
  expect(() => make(options as never)).toThrow(
    "idempotency: observe cannot be read: 'not today'. Give the value itself, not a getter that throws.",
  );
});

describe("warnOperator", () => {
  const warned = () => jest.spyOn(console, "warn").mockImplementation(() => {});

  test("keeps the default warnings when a user's observer calls it", async () => {
    const warn = warned();
    const counted: string[] = [];
    const store = { ...memoryStore(), claim: () => Promise.reject(new Error("down")) };
    const handler = idempotent(async () => ({ statusCode: 201 }), {
      store,
      singleTenant: true,
      operation: "create a transfer",
      observe: (observation) => {
        counted.push(observation.kind);
        warnOperator(observation);
      },
    });
    const event = {
      requestContext: { http: { method: "POST", path: "/" } },
      headers: { "idempotency-key": "k" },
    };
    await handler(event, {});
    expect(counted).toEqual(["refused"]);
    expect(warn.mock.calls).toEqual([
      ["lambda-idempotency:", expect.objectContaining({ kind: "refused" })],
    ]);
  });

  test("never throws, also if console.warn does, so that the code after it still runs", () => {
    jest.spyOn(console, "warn").mockImplementation(() => {
      throw new Error("EPIPE");
    });
    expect(() => warnOperator(FENCED)).not.toThrow();
  });

  test("ignores a rejection of a replaced console.warn", async () => {
    const rejection = Promise.reject(new Error("logger"));
    jest.spyOn(console, "warn").mockImplementation((() => rejection) as never);
    const then = jest.spyOn(Promise.prototype, "then");
    warnOperator(FENCED);
    expect(then.mock.contexts).toContain(rejection);
  });

  test("writes no warning for an observation that needs no operator", () => {
    const warn = warned();
    warnOperator({ kind: "replayed", recordId: "id-1" });
    const observe: Observer = warnOperator;
    observe({ kind: "claimed", recordId: "id-1", fence: 1 });
    expect(warn).not.toHaveBeenCalled();
  });
});
