import { type Committer, committerOf } from "./committer.ts";
import { contextOf, type IdempotencyContext, type InvocationContext } from "./context.ts";
import { ConfigurationError } from "./errors.ts";
import { bodyOf } from "./http/body.ts";
import { fingerprint } from "./http/fingerprint.ts";
import { findKey } from "./http/idempotency-key.ts";
import { readRequest } from "./http/request.ts";
import { type HttpResponse, responseOf, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import type { Answer, Execution, KeyedRequest } from "./protocol/execution.ts";
import { enter, enterUnclaimed, leave } from "./protocol/flow.ts";
import { recordId } from "./protocol/key.ts";
import { type Ending, isMiddyTimeout, settle } from "./protocol/outcome.ts";
import { responderOf } from "./responder.ts";

/**
 * One invocation's way through the layer: begun before the handler, ended by what the handler did.
 * The wrapper and the middleware both take it; neither has a life cycle of its own.
 */
export interface Attempt {
  /** The answer in place of the handler's, which must not run; `undefined` = it runs. */
  readonly answer: HttpResponse | undefined;
  /** What the handler finds at `context.idempotency`. */
  readonly context: IdempotencyContext;
  /**
   * The handler returned. Settles the claim, once, and says what to answer.
   *
   * @param mayBeShaped other middlewares may have changed the result since.
   */
  returned(result: unknown, mayBeShaped?: boolean): Promise<unknown>;
  /**
   * The handler threw, or a hook after it. Settles the claim, once; the error goes on unchanged.
   *
   * @param answer what the handler had answered before a hook threw.
   */
  threw(error: unknown, answer?: { readonly result: unknown }): Promise<void>;
}

/**
 * Begins an attempt: reads the request, finds its tenant and its key, and claims the key.
 *
 * @param middySignal the signal that Middy gives to a handler; without it the attempt has its own.
 * @throws ConfigurationError if the event is no HTTP request or has no tenant, and whatever the
 *   option `tenant` throws; nothing is claimed then.
 */
export async function begin(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
  middySignal?: AbortSignal,
): Promise<Attempt> {
  const { profile, tools, secret } = settings;
  const abort = new AbortController();
  const signal = middySignal ?? abort.signal;
  const remainingMs = () => invocation.getRemainingTimeInMillis?.();

  const request = readRequest(event);
  const tenant = nameFrom(
    "tenant",
    settings.tenant(event, invocation),
    "the id of the authenticated principal. Does the route have an authorizer?",
  );
  const body = bodyOf(request);
  const found = findKey(request, body, profile);
  const respond = responderOf(
    settings,
    event,
    request,
    found.kind === "key" ? found.key : undefined,
  );
  if (found.kind === "none") return withoutKey(tools.randomUUID());
  if (found.kind === "refuse") {
    tools.observe({ kind: "refused", ...found.refusal });
    return answered(found, { id: tools.randomUUID(), fingerprint: "", remainingMs });
  }

  const { key } = found;
  const operation = nameFrom(
    "operation",
    settings.operation(event, profile.scope === "tenant" ? "every operation" : request.route),
    "the name of what is being done.",
  );
  const keyed: KeyedRequest = {
    id: recordId({ tenant, operation, key }, secret),
    fingerprint: fingerprint(request, body, profile.fingerprint, secret),
    remainingMs,
  };
  if (settings.mode === "once") return executing(enterUnclaimed(tools, profile, keyed), key);
  const entry = await enter(tools, profile, keyed);
  return entry.kind === "execute" ? executing(entry.execution, key) : answered(entry, keyed, key);

  function executing(execution: Execution, key: string): Attempt {
    let isSettled = false;
    let isRejected = false;
    const committer = committerFor(execution, profile);

    async function end(ending: Ending, response?: HttpResponse) {
      isSettled = true;
      const settlement = settle(profile.outcome, ending, remainingMs(), tools.leaseMarginMs);
      const stored =
        response && settlement === "complete"
          ? storeResponse(response, profile.keepsAnswers)
          : undefined;
      if (stored) refuseUncommitted(settings, execution);
      if (stored?.notKept !== undefined) {
        tools.observe({ kind: "bodyNotKept", recordId: keyed.id, reason: stored.notKept });
      }
      return leave(tools, profile, execution, settlement, stored?.text ?? "");
    }

    async function endWith(result: unknown): Promise<HttpResponse> {
      const response = responseOf(result);
      const exit = await end(
        isRejected
          ? { kind: "rejected" }
          : { kind: "returned", statusCode: Number(response.statusCode) },
        response,
      );
      return exit.kind === "stands" ? response : respond(exit);
    }

    return {
      answer: undefined,
      context: contextOf({
        origin: { ...keyed, startedAtMs: execution.startedAtMs },
        fence: execution.fence,
        entityId: execution.entityId,
        key,
        signal,
        secret,
        commit: committer.commit,
        onReject: () => {
          isRejected = true;
        },
      }),
      async returned(result, mayBeShaped = false) {
        if (committer.answer() !== undefined) return committer.check(result, mayBeShaped);
        return isSettled ? result : endWith(result);
      },
      async threw(error, answer) {
        if (isSettled || committer.answer() !== undefined) return;
        if (isMiddyTimeout(error)) abort.abort(error);
        if (answer === undefined) await end({ kind: "threw", error });
        else await endWith(answer.result);
      },
    };
  }

  /** A request without a key is its only attempt: what it commits has a record that nobody finds. */
  function withoutKey(id: string): Attempt {
    const execution = enterUnclaimed(tools, profile, { id, fingerprint: "", remainingMs });
    const retention = { seconds: 0, from: "completion" } as const;
    const { commit } = committerFor(execution, { ...profile, retention });
    const origin = { ...execution.request, startedAtMs: execution.claimedAtMs };
    return unprotected(contextOf({ origin, signal, commit }));
  }

  function committerFor(execution: Execution, promises: Profile): Committer {
    return committerOf(settings, promises, execution, respond);
  }

  /** The handler does not run, so nothing can be committed. */
  async function answered(answer: Answer, keyed: KeyedRequest, key?: string): Promise<Attempt> {
    const origin = { ...keyed, startedAtMs: 0 };
    const isReplay = answer.kind === "replay";
    const context = contextOf({ origin, key, signal, secret, isReplay });
    return { ...unprotected(context), answer: await respond(answer) };
  }
}

/** Nothing is claimed, so there is nothing to settle. */
function unprotected(context: IdempotencyContext): Attempt {
  return {
    answer: undefined,
    context,
    returned: (result) => Promise.resolve(result),
    threw: () => Promise.resolve(),
  };
}

/** In mode `once` an answer without a commit is recorded by itself, unless the route forbids it. */
function refuseUncommitted({ mode, onUncommitted }: Settings, { request }: Execution): void {
  if (mode !== "once" || onUncommitted === "record") return;
  throw new ConfigurationError(
    `idempotency: the handler of record ${request.id} ended without commit(), which this route requires (mode "once", onUncommitted "refuse"). Nothing was recorded. Commit, or set onUncommitted: "record".`,
  );
}

/** What a scope is made of must be there: without it, keys of two clients could meet. */
function nameFrom(option: "tenant" | "operation", name: unknown, hint: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw new ConfigurationError(
    `idempotency: the option ${option} returned ${JSON.stringify(name)} for this request; expected ${hint}`,
  );
}
