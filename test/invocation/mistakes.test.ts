import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import {
  dwolla,
  type IdempotencyContext,
  ietf,
  memoryStore,
  orzcash,
  type Store,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { CommitRequest } from "../../lib/protocol/store.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const REQUEST = httpApiEvent({ key: KEY });
const DONE = { statusCode: 201 };

/** A store that commits, with no business writes. */
function committing(): Store {
  const store = memoryStore();
  const commit = (request: CommitRequest) =>
    "completion" in request
      ? store.complete(request.completion)
      : store.checkpoint(request.checkpoint);
  return { ...store, commit };
}

const open = (behaviour: Behaviour, options: object = {}) =>
  serviceOf(behaviour, { store: committing(), profile: orzcash(), ...options });

/** The message that a handler with this behaviour gets. */
async function told(behaviour: Behaviour, options: object = {}): Promise<string> {
  const failure = open(behaviour, options).call(REQUEST);
  return failure.then(() => "nothing").catch((error) => error.message);
}

describe("a handler is told its mistake with steps:", () => {
  test.each<[string, Behaviour, string]>([
    [
      "two steps at once",
      async ({ context: { idempotency } }) => {
        const first = idempotency.step("a", () => undefined);
        await idempotency.step("b", () => undefined).finally(() => first);
      },
      'step: "b" was started while "a" is running. Steps are recorded in order; await each before the next.',
    ],
    [
      "two steps of one name",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => undefined);
        await idempotency.step("a", () => undefined);
      },
      'step: "a" was done before in this execution. Give each step a name of its own.',
    ],
    [
      "a name of 101 characters",
      ({ context: { idempotency } }) => idempotency.step("n".repeat(101), () => undefined),
      `step: the name is "${"n".repeat(101)}"; expected a text of 1 to 100 characters.`,
    ],
    [
      "a name that is not a text",
      ({ context: { idempotency } }) => idempotency.step(7 as never, () => undefined),
      "step: the name is 7; expected a text of 1 to 100 characters.",
    ],
    [
      "a name with half a character",
      ({ context: { idempotency } }) => idempotency.step("a\ud800", () => undefined),
      'step: the name "a\\ud800" is no well-formed text.',
    ],
    [
      "names that would fill the record",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => "x".repeat(199_950));
        await idempotency.step("b".repeat(48), () => undefined);
      },
      `step: with the result of "${"b".repeat(48)}" the record would hold 200001 bytes of steps; the most is 200000. It is not recorded, and runs again on the next attempt, with the same downstream key. Return an id and not a document.`,
    ],
    [
      "a result that is not data",
      ({ context: { idempotency } }) => idempotency.step("a", () => 1n),
      'step: the result of "a" has no JSON text (Do not know how to serialize a BigInt). Return plain data.',
    ],
    [
      "a result that would fill the record",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => "x".repeat(150_000));
        await idempotency.step("b", () => "x".repeat(50_000));
      },
      'step: with the result of "b" the record would hold 200006 bytes of steps; the most is 200000. It is not recorded, and runs again on the next attempt, with the same downstream key. Return an id and not a document.',
    ],
    [
      "a step that commits twice",
      ({ context: { idempotency } }) =>
        idempotency.step("a", async ({ commit }) => {
          await commit([], 1);
          await commit([], 2);
        }),
      'commit: step "a" has committed or ended before.',
    ],
    [
      "a rejection behind a step",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => undefined);
        return idempotency.reject({ statusCode: 422 });
      },
      "reject: a step of this request has run, so it has begun, and to free its key would repeat the step. Return the response without reject().",
    ],
  ])("%s", async (_name, behaviour, message) => {
    expect(await told(behaviour)).toBe(message);
  });

  test("a step of 100 characters, and names and results of 200,000 bytes in all, are allowed", async () => {
    const { call } = open(async ({ context: { idempotency } }) => {
      await idempotency.step("n".repeat(100), () => "x".repeat(199_895));
      await idempotency.step("b", () => 11);
      return DONE;
    });
    expect(await call(REQUEST)).toMatchObject(DONE);
  });

  test("steps that earlier executions have recorded count, too", async () => {
    const { call } = open(async ({ count, context: { idempotency } }) => {
      await idempotency.step("a", () => "x".repeat(150_000));
      if (count === 1) throw new Error("it dies");
      await idempotency.step("b", () => "x".repeat(50_000));
    });
    await expect(call(REQUEST)).rejects.toThrow("it dies");
    await expect(call(REQUEST)).rejects.toThrow("would hold 200006 bytes of steps");
  });

  test("a step that has ended cannot commit", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const message = await told(async ({ context: { idempotency } }) => {
      await idempotency.step("a", ({ commit }) => {
        late = () => commit([], 1);
      });
      await late?.();
    });
    expect(message).toBe('commit: step "a" has committed or ended before.');
  });

  test("a step may commit again after a failed commit, and has the committed result", async () => {
    const store = committing();
    let commits = 0;
    const commit: Store["commit"] = async (request, options) => {
      commits += 1;
      if (commits === 1) throw new Error("a condition");
      return (store as Required<Store>).commit(request, options);
    };
    const results: unknown[] = [];
    const { call } = open(
      async ({ context: { idempotency } }) => {
        const result = await idempotency.step("a", async (step) => {
          await step.commit([], "first").catch(() => {});
          results.push(await step.commit([], { committed: true }));
          return "returned" as never;
        });
        results.push(result);
        return DONE;
      },
      { store: { ...store, commit } },
    );
    expect(await call(REQUEST)).toMatchObject(DONE);
    expect(results).toEqual([{ committed: true }, { committed: true }]);
  });

  test("that its profile does not resume, and the profile that does", async () => {
    const message = await told(({ context }) => context.idempotency.step("a", () => undefined), {
      profile: dwolla(),
    });
    expect(message).toBe(
      'idempotency: step() needs a profile that resumes, and dwolla does not. Use orzcash(), or set interrupted: "resume".',
    );
  });

  test("that claimAt commit has no steps", async () => {
    const message = await told(({ context }) => context.idempotency.step("a", () => undefined), {
      claimAt: "commit",
    });
    expect(message).toBe('idempotency: step() needs claimAt "start".');
  });

  test("that it was changed after the request began", async () => {
    const { call } = open(async ({ count, context: { idempotency } }) => {
      await idempotency.step(count === 1 ? "a" : "b", () => undefined);
      throw new Error("it dies");
    });
    await expect(call(REQUEST)).rejects.toThrow("it dies");
    await expect(call(REQUEST)).rejects.toThrow(
      'step: the record of this request holds "a" as step 1, but the handler has come to "b". It was changed since the request began. Deploy a handler that asks for the same steps in the same order; until then nothing more is done for this request.',
    );
  });
});

describe("a handler is told its mistake with commit:", () => {
  const commitTwice: Behaviour = async ({ context: { idempotency } }) => {
    await idempotency.commit([], DONE);
    await idempotency.commit([], DONE);
  };

  test("two commits in a row", async () => {
    expect(await told(commitTwice, { profile: dwolla() })).toBe(
      "commit: it was called before in this execution; commit once.",
    );
  });

  test("two commits at once", async () => {
    const message = await told(
      async ({ context: { idempotency } }) => {
        const first = idempotency.commit([], DONE);
        await idempotency.commit([], DONE).finally(() => first);
      },
      { profile: dwolla() },
    );
    expect(message).toBe("commit: it was called before in this execution; commit once.");
  });

  test("a commit after its response", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const { call } = open(({ context: { idempotency } }) => {
      late = () => idempotency.commit([], DONE);
      return DONE;
    });
    await call(REQUEST);
    await expect(late?.()).rejects.toThrow(
      "commit: the execution has ended with another response; nothing was committed.",
    );
  });

  test.each(["start", "commit"])("steps without a key, with claimAt %s", async (claimAt) => {
    const step: Behaviour = ({ context }) => context.idempotency.step("a", () => DONE);
    const profile = claimAt === "start" ? dwolla() : orzcash();
    const call = open(step, { claimAt, profile }).call(httpApiEvent({}));
    await expect(call).rejects.toThrow(
      'idempotency: nothing is claimed for this request, so its steps could not be found again. step() needs a profile that resumes: orzcash(), or interrupted: "resume".',
    );
  });

  /** The value of `context.idempotency` in Middy's last hook, for each event. */
  async function found(store: Store, ...events: object[]): Promise<IdempotencyContext[]> {
    const contexts: IdempotencyContext[] = [];
    const requestEnd = (run: { context: unknown }) =>
      void contexts.push((run.context as { idempotency: IdempotencyContext }).idempotency);
    const handler = middy({ requestEnd })
      .use(idempotency({ store, singleTenant: true, profile: ietf() }))
      .handler(async () => DONE);
    for (const event of events) await handler(event, {} as never);
    return contexts;
  }

  test("in a hook after a refusal, that it is not a replay", async () => {
    const [refused] = await found(memoryStore(), httpApiEvent({}));
    expect(refused?.isReplay).toBe(false);
  });

  test("a commit, a step or a downstream key in a hook after a replay", async () => {
    const [, replayed] = await found(committing(), REQUEST, REQUEST);
    const idempotency = replayed as IdempotencyContext;
    expect(idempotency.isReplay).toBe(true);
    expect(idempotency.final(DONE)).toBe(DONE);
    expect(idempotency.reject(DONE)).toBe(DONE);
    await expect(idempotency.commit([], DONE)).rejects.toThrow(
      "commit: it was called in a hook, but the client gets a replay or a refusal, and the handler does not run. Commit in the handler only.",
    );
    await expect(idempotency.step("a", () => undefined)).rejects.toThrow(
      "idempotency: step() was called in a hook, but the client gets a replay or a refusal, and the handler does not run. Run steps in the handler only.",
    );
    expect(() => idempotency.downstreamKey("charge")).toThrow(
      "idempotency: downstreamKey() was called in a hook, but the client gets a replay or a refusal, and the handler does not run. Call other services in the handler only.",
    );
  });

  test("another response than the committed one", async () => {
    const message = await told(
      async ({ context: { idempotency } }) => {
        await idempotency.commit([], DONE);
        return { statusCode: 202 };
      },
      { profile: dwolla() },
    );
    expect(message).toBe(
      "idempotency: The response that is sent differs from the committed one, which every repeat gets. Return the result of commit(). If another middleware shapes the response (CORS, a serialiser), use the wrapper, middy(idempotent(handler, options)): then every hook runs on repeats too.",
    );
  });

  test("a response that cannot be stored", async () => {
    const message = await told(
      ({ context }) =>
        context.idempotency.commit([], { statusCode: 201, body: "x".repeat(400_000) }),
      { profile: dwolla() },
    );
    expect(message).toBe(
      'commit: the response cannot be stored: it has 400028 bytes; the maximum is 400000. Nothing was written. Answer with less, or set largeResponse: "omit-body".',
    );
  });
});

test("a tenant and an operation without a name are refused, with the expected value", async () => {
  const options = { singleTenant: undefined, tenant: () => "" };
  expect(await told(() => DONE, options)).toBe(
    'idempotency: the option tenant returned "" for this request; expected the id of the authenticated principal. Does the route have an authorizer?',
  );
  expect(await told(() => DONE, { operation: () => 7 })).toBe(
    'idempotency: the option operation returned 7 for this request; expected the name of the operation, for example "create transfer".',
  );
});
