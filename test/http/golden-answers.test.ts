import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import {
  dfns,
  dwolla,
  gluwa,
  type IdempotencyOptions,
  idempotent,
  ietf,
  memoryStore,
  orzcash,
  type Profile,
  type Store,
  stripe,
  type WithIdempotency,
} from "../../lib/index.ts";
import { manualClock } from "../support/clock.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";
import type { TestContext } from "../support/service.ts";

const GOLDEN = new URL("../fixtures/golden-answers.json", import.meta.url);

const FORMATS: Readonly<Record<string, (request: RequestParts) => unknown>> = {
  "HTTP API": httpApiEvent,
  "REST API": restApiEvent,
  "function URL": functionUrlEvent,
  "load balancer": albEvent,
  "load balancer with lists": (request) => albEvent(request, true),
  "VPC Lattice": vpcLatticeEvent,
};

const PROFILES: readonly Profile[] = [dwolla(), orzcash(), dfns("Transfer"), gluwa(), stripe()];

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/** A request that has its key wherever a profile may look for it. */
function sent(body: object, key: string | undefined = KEY): RequestParts {
  const members = key === undefined ? {} : { idempotencyKey: key, externalId: key, Idem: key };
  return {
    path: "/wallets/7/transfers",
    resource: "/wallets/{id}/transfers",
    query: "dry=no",
    headers: { "content-type": "application/json" },
    ...(key !== undefined && { key }),
    body: JSON.stringify({ ...body, ...members }),
  };
}

/** The work of the handler, by the member `do` of the body. */
const WORK: Readonly<Record<string, (context: WithIdempotency<TestContext>) => unknown>> = {
  create: () => ({
    statusCode: 201,
    headers: { location: "/transfers/1", "set-cookie": "a=b" },
    multiValueHeaders: { link: ["</1>", "</2>"] },
    body: '{"id":1}',
  }),
  infer: () => ({ id: 1 }),
  refuse: () => ({ statusCode: 422, body: "refused" }),
  reject: (context) => context.idempotency.reject({ statusCode: 422, body: "rejected" }),
  fail: () => ({ statusCode: 503, body: "later" }),
  "fail for good": (context) => context.idempotency.final({ statusCode: 500, body: "never" }),
  fault: () => ({ statusCode: 9 }),
  throw: () => {
    throw Object.assign(new Error("thrown"), { statusCode: 404 });
  },
};

/** Plays every kind of work, each twice and then with another payload, and collects all answers. */
async function play(profile: Profile, eventOf: (request: RequestParts) => unknown) {
  const written: unknown[] = [];
  const store = recording(memoryStore(), written);
  const answers: Record<string, unknown> = {};
  for (const name of Object.keys(WORK)) {
    const clock = manualClock();
    const options = {
      ...{ store, clock, profile, operation: name, secret: "secret" },
      tenant: () => "alice",
      observe: () => {},
      differentResponse: "warn",
      ...(profile.completed === "entity" && {
        loadEntity: (id: string) => ({ statusCode: 200, body: `entity ${id}` }),
      }),
    } as unknown as IdempotencyOptions<unknown, TestContext>;
    const handler = idempotent(
      (_event: unknown, context: WithIdempotency<TestContext>) => WORK[name]?.(context),
      options,
    );
    const call = async (request: RequestParts) => {
      const context = { getRemainingTimeInMillis: () => 10_000 };
      return handler(eventOf(request), context).catch((error: Error) => `threw ${error.message}`);
    };
    answers[name] = [
      await call(sent({ amount: 1 })),
      await call(sent({ amount: 1 })),
      await call(sent({ amount: 2 })),
    ];
    if (name !== "create") continue;
    answers.malformed = await call(sent({ amount: 1 }, "malformed\u0001"));
    answers.keyless = await call({ ...sent({ amount: 1 }), body: '{"amount":1}', key: "" });
  }
  return { answers, written };
}

/** Everything that a store is asked to write, but for the owners, which are unique. */
function recording(store: Store, written: unknown[]): Store {
  const note =
    <Request extends object, Outcome>(
      method: string,
      write: (request: Request) => Promise<Outcome>,
    ) =>
    async (request: Request) => {
      const { owner: _, completer: __, ...rest } = request as Record<string, unknown>;
      // Without a key the id is unique as well.
      written.push({ method, ...rest, ...(rest.fingerprint === "" && { id: "unique" }) });
      return write(request);
    };
  return {
    ...store,
    claim: note("claim", store.claim),
    complete: note("complete", store.complete),
    release: note("release", store.release),
    free: note("free", store.free),
  };
}

test("every answer and every write of a request is, to the byte, as it was", async () => {
  const found: Record<string, unknown> = {};
  for (const [format, eventOf] of Object.entries(FORMATS)) {
    found[`ietf, ${format}`] = await play(ietf(), eventOf);
  }
  for (const profile of PROFILES) {
    found[`${profile.name}, HTTP API`] = await play(profile, httpApiEvent);
  }
  const lines = Object.entries(found).map((one) => JSON.stringify(one));
  const text = `[\n${lines.join(",\n")}\n]\n`.replaceAll(/"owner":"[^"]+"/g, '"owner":"unique"');
  // To change an answer on purpose: UPDATE_ANSWERS=1 jest test/http/golden-answers.test.ts
  if (process.env.UPDATE_ANSWERS !== undefined) writeFileSync(GOLDEN, text);
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(GOLDEN, "utf8")));
  expect(text).toBe(readFileSync(GOLDEN, "utf8"));
});
