import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { completionEvent } from "../../lib/http/surface/completion-event.ts";
import {
  dfns,
  dwolla,
  gluwa,
  ietf,
  memoryStore,
  orzcash,
  type Profile,
  type Store,
  stripe,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { RECORD_VERSION } from "../../lib/protocol/record.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";
import { type Answer, createTransfer, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const BODY = JSON.stringify({ Idem: KEY, externalId: KEY });

/** A store that refuses every call. */
function untouchable(): Store {
  return new Proxy(memoryStore(), {
    get: (store, name) =>
      name === "commit"
        ? undefined
        : () => {
            throw new Error(`${String(name)} was called on ${store}`);
          },
    has: () => true,
  });
}

function service(profile: Profile, options: object = {}) {
  const loads = profile.completed === "entity" && { loadEntity: () => undefined };
  return serviceOf(createTransfer, { profile, ...loads, ...options } as never);
}

const PROFILES = [ietf(), dwolla(), orzcash(), dfns(), gluwa(), stripe()];

describe.each(PROFILES.map((profile) => [profile.name, profile] as const))(
  "%s()",
  (name, profile) => {
    test("is about POST, and ietf() about PATCH as well", async () => {
      for (const method of name === "ietf" ? ["POST", "PATCH", "post"] : ["POST", "post"]) {
        const { call, runs } = service(profile);
        const event = httpApiEvent({ method, key: KEY, body: BODY });
        await call(event);
        await call(event);
        expect(runs()).toBe(1);
      }
    });

    const methods = [
      "GET",
      "HEAD",
      "OPTIONS",
      "PUT",
      "DELETE",
      ...(name === "ietf" ? [] : ["PATCH"]),
    ];
    test.each(methods)(
      "lets %s pass untouched: no record, and the result is the handler's",
      async (method) => {
        const answer = { statusCode: 200, body: "{}", seen: Symbol("as it is") };
        const { call, observed } = serviceOf(() => answer, {
          ...(profile.completed === "entity" && { loadEntity: () => undefined }),
          profile,
          store: untouchable(),
          singleTenant: undefined,
          tenant: () => {
            throw new Error("there is no authorizer");
          },
        } as never);
        for (const eventOf of [
          httpApiEvent,
          restApiEvent,
          albEvent,
          functionUrlEvent,
          vpcLatticeEvent,
        ]) {
          expect(await call(eventOf({ method, key: KEY, body: BODY }))).toBe(answer);
          expect(await call(eventOf({ method }))).toBe(answer);
        }
        expect(observed).toEqual([]);
      },
    );
  },
);

test("a browser's preflight passes, in the middleware form too, before tenant and key are looked for", async () => {
  const contexts: unknown[] = [];
  const handler = middy()
    .use(
      idempotency({
        store: untouchable(),
        tenant: () => {
          throw new Error("there is no authorizer");
        },
        profile: ietf(),
      }),
    )
    .handler(async (_event, { idempotency: { key, isReplay, fence, entityId } }) => {
      contexts.push({ key, isReplay, fence, entityId });
      return { statusCode: 204 };
    });
  const answer = await (handler as never as (event: object, context: object) => Promise<Answer>)(
    httpApiEvent({ method: "OPTIONS", body: "" }),
    {},
  );
  expect(answer).toEqual({ statusCode: 204 });
  expect(contexts).toEqual([
    { key: undefined, isReplay: false, fence: undefined, entityId: undefined },
  ]);
});

test("a request that passes may have a body that a parser has replaced", async () => {
  const { call } = serviceOf(() => ({ statusCode: 204 }));
  const event = { ...httpApiEvent({ method: "PUT" }), body: { name: "a" } };
  expect(await call(event)).toEqual({ statusCode: 204 });
  await expect(call({ ...event, requestContext: { http: { method: "POST" } } })).rejects.toThrow(
    "was parsed before",
  );
});

test("an error of a request that passes goes on unchanged", async () => {
  const error = Object.assign(new Error("no such wallet"), { statusCode: 404 });
  const { call } = serviceOf(() => {
    throw error;
  });
  await expect(call(httpApiEvent({ method: "GET" }))).rejects.toBe(error);
});

test("a step in a request that passes is refused with the methods of the profile", async () => {
  const { call } = serviceOf(({ context }) => context.idempotency.step("bank", () => 1), {
    profile: orzcash(),
  });
  await expect(call(httpApiEvent({ method: "PUT", key: KEY }))).rejects.toThrow(
    "the profile orzcash is about POST",
  );
});

test("a profile may be about other methods", async () => {
  const { call, runs } = service(ietf({ methods: ["DELETE"] }));
  await call(httpApiEvent({ method: "DELETE", key: KEY }));
  await call(httpApiEvent({ method: "DELETE", key: KEY }));
  expect(runs()).toBe(1);
  await call(httpApiEvent({ method: "POST", key: KEY }));
  await call(httpApiEvent({ method: "POST", key: KEY }));
  expect(runs()).toBe(3);
});

test("a request that a completer finishes is claimed, also if the profile is no longer about its method", async () => {
  const store = memoryStore();
  const claims: ClaimRequest[] = [];
  const keeping: Store = {
    ...store,
    claim: (request, options) => {
      claims.push(request);
      return store.claim(request, options);
    },
  };
  const context = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };
  const put = service(orzcash({ methods: ["PUT"] }), { store: keeping });
  await put.call(httpApiEvent({ method: "PUT", key: KEY }), context);
  const { id, completer, fingerprint } = claims[0] as ClaimRequest;
  const later = service(orzcash(), { store });
  const record = { id, fingerprint, version: RECORD_VERSION };
  await later.call(JSON.parse(completionEvent(completer?.event ?? "", record)), context);
  expect([put.runs(), later.runs()]).toEqual([1, 0]);
});
