import { contextOf, type IdempotencyContext, type InvocationContext } from "./context.ts";
import { ConfigurationError } from "./errors.ts";
import { fingerprint } from "./http/fingerprint.ts";
import { findKey } from "./http/idempotency-key.ts";
import { wordRefusal } from "./http/refusal.ts";
import { type HttpRequest, readRequest } from "./http/request.ts";
import {
  type HttpResponse,
  refusalResponse,
  replayResponse,
  responseOf,
  storeResponse,
} from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import { type Answer, type Execution, enter, type KeyedRequest, leave } from "./protocol/flow.ts";
import { recordId } from "./protocol/key.ts";
import { type Ending, isMiddyTimeout, settle } from "./protocol/outcome.ts";

/**
 * One invocation's way through the layer: begun before the handler, ended by what the handler did.
 * The wrapper and the middleware both take it; neither has a life cycle of its own.
 */
export interface Attempt {
  /** The answer in place of the handler's, which must not run; `undefined` = it runs. */
  readonly answer: HttpResponse | undefined;
  /** What the handler finds at `context.idempotency`. */
  readonly context: IdempotencyContext;
  /** The handler returned. Settles the claim, once, and says what to answer. */
  returned(result: unknown): Promise<unknown>;
  /** The handler threw. Settles the claim, once; the error goes on unchanged. */
  threw(error: unknown): Promise<void>;
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

  const request = readRequest(event);
  const tenant = nameFrom(
    "tenant",
    settings.tenant(event, invocation),
    "the id of the authenticated principal. Does the route have an authorizer?",
  );
  const found = findKey(request, profile);
  if (found.kind !== "key") {
    const origin = { id: tools.randomUUID(), fingerprint: "", startedAtMs: tools.clock.now() };
    const attempt = unprotected(contextOf({ origin, signal }));
    if (found.kind === "none") return attempt;
    tools.observe({ kind: "refused", ...found.refusal });
    return { ...attempt, answer: respond(found, request, profile) };
  }

  const { key } = found;
  const operation = nameFrom(
    "operation",
    settings.operation(event, request.route),
    "the name of what is being done.",
  );
  const id = recordId({ tenant, operation, key }, secret);
  const keyed: KeyedRequest = {
    id,
    fingerprint: fingerprint(request, profile.fingerprint, secret),
    remainingMs: () => invocation.getRemainingTimeInMillis?.(),
  };
  const entry = await enter(tools, profile, keyed);
  if (entry.kind !== "execute") {
    const origin = { ...keyed, startedAtMs: tools.clock.now() };
    const isReplay = entry.kind === "replay";
    const context = contextOf({ origin, key, signal, secret, isReplay });
    return { ...unprotected(context), answer: respond(entry, request, profile) };
  }
  return protectedBy(entry.execution);

  function protectedBy(execution: Execution): Attempt {
    let isSettled = false;
    let isRejected = false;
    const onReject = () => {
      isRejected = true;
    };

    async function end(ending: Ending, response?: HttpResponse) {
      isSettled = true;
      const { remainingMs } = execution.request;
      const settlement = settle(profile.outcome, ending, remainingMs(), tools.leaseMarginMs);
      const stored = response && settlement === "complete" ? storeResponse(response) : undefined;
      if (stored?.notKept !== undefined) {
        tools.observe({ kind: "bodyNotKept", recordId: id, reason: stored.notKept });
      }
      return leave(tools, profile, execution, settlement, stored?.text ?? "");
    }

    return {
      answer: undefined,
      context: contextOf({
        origin: { ...keyed, startedAtMs: execution.startedAtMs },
        fence: execution.fence,
        key,
        signal,
        secret,
        onReject,
      }),
      async returned(result) {
        if (isSettled) return result;
        const response = responseOf(result);
        const exit = await end(
          isRejected
            ? { kind: "rejected" }
            : { kind: "returned", statusCode: Number(response.statusCode) },
          response,
        );
        return exit.kind === "stands" ? response : respond(exit, request, profile);
      },
      async threw(error) {
        if (isSettled) return;
        if (isMiddyTimeout(error)) abort.abort(error);
        await end({ kind: "threw", error });
      },
    };
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

/** What a scope is made of must be there: without it, keys of two clients could meet. */
function nameFrom(option: "tenant" | "operation", name: unknown, hint: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw new ConfigurationError(
    `idempotency: the option ${option} returned ${JSON.stringify(name)} for this request; expected ${hint}`,
  );
}

function respond(answer: Answer, request: HttpRequest, profile: Profile): HttpResponse {
  if (answer.kind === "replay") {
    return replayResponse(answer.response, request, profile.replayMarker);
  }
  const { refusals, documentationUrl, envelope } = profile;
  return refusalResponse(
    envelope(wordRefusal(answer.refusal, refusals, documentationUrl)),
    request,
  );
}
