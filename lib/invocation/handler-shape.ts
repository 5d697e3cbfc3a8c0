import { ConfigurationError } from "../errors.ts";

/** `awslambda.streamifyResponse` puts this mark on a handler. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

const WHY =
  "A repeat gets what the handler returned, so there must be something that it returns: make it an async function that returns { statusCode, headers, body }.";

type AnyFunction = (...parameters: never[]) => unknown;

/**
 * Refuses, when the function starts, handlers that answer in another way than by returning: what they
 * return would be recorded as their response at once.
 *
 * @throws ConfigurationError
 */
export function checkHandler(handler: unknown): void {
  if (typeof handler !== "function") {
    throw new ConfigurationError(
      `idempotent: the handler is ${typeof handler}; expected a function. ${WHY}`,
    );
  }
  if ((handler as { [STREAMING]?: unknown })[STREAMING] !== undefined) throw createStreamingError();
}

/** Refuses `awslambda.streamifyResponse(idempotent(handler))` when the function starts. */
export function refuseStreaming<Handler extends AnyFunction>(handler: Handler): Handler {
  return Object.defineProperty(handler, STREAMING, {
    get: () => undefined,
    set: () => {
      throw createStreamingError();
    },
  });
}

/**
 * Refuses a call with a response stream, which the runtime puts in the place of the context. Middy takes it
 * for one: a middleware behind `awslambda.streamifyResponse` would record a response that no client gets.
 *
 * @throws ConfigurationError
 */
export function refuseStream(context: unknown): void {
  if (isWritable(context)) throw createStreamingError();
}

/**
 * Refuses, before anything is claimed, calls in which the handler could answer without returning:
 * the runtime has given a response stream, or a callback that the handler declares.
 *
 * @param rest what comes after the context: Middy gives `{ signal }`, Lambda up to Node 22 a callback.
 * @throws ConfigurationError
 */
export function checkCall(handler: AnyFunction, context: unknown, rest: readonly unknown[]): void {
  refuseStream(context);
  const [third] = rest;
  const isDeclared = handler.length >= 3;
  if (isDeclared && (typeof third === "function" || rest.length === 0)) {
    const found = rest.length === 0 ? "and is called without one" : "which is Lambda's callback";
    throw new ConfigurationError(
      `idempotent: the handler declares a third parameter, ${found}. ${WHY} Where it returns a promise all the same, wrap (event, context) => handler(event, context). Under Middy the third parameter is { signal }; give it a default if it may be missing.`,
    );
  }
}

/** What the handler gets after the context: a callback that it does not declare only says so. */
export function blockCallback<Rest extends readonly unknown[]>(rest: Rest): Rest {
  if (typeof rest[0] !== "function") return rest;
  return [throwOnCall("callback()"), ...rest.slice(1)] as unknown as Rest;
}

/** A handler that is not asynchronous and returns nothing is going to call back. */
export function checkReturned(returned: unknown, rest: readonly unknown[]): void {
  if (returned !== undefined || typeof rest[0] !== "function") return;
  throw new ConfigurationError(
    `idempotent: the handler has returned neither a response nor a promise. ${WHY}`,
  );
}

const LEGACY_ANSWERS = ["done", "succeed", "fail"] as const;

/** In place of the ways to answer that Lambda's context has up to Node 22; none where it has none. */
export function blockLegacyResponses(given: object | null | undefined): object {
  const context = (given ?? {}) as Record<string, unknown>;
  const there = LEGACY_ANSWERS.filter((name) => typeof context[name] === "function");
  return Object.fromEntries(there.map((name) => [name, throwOnCall(`context.${name}()`)]));
}

function throwOnCall(call: string): () => never {
  return () => {
    throw new ConfigurationError(`idempotent: the handler has called ${call}. ${WHY}`);
  };
}

function createStreamingError(): ConfigurationError {
  return new ConfigurationError(
    `idempotent: a streamed response cannot be recorded and repeated. Export the handler without awslambda.streamifyResponse. ${WHY}`,
  );
}

function isWritable(value: unknown): boolean {
  const { write, end } = (value ?? {}) as { write?: unknown; end?: unknown };
  return typeof write === "function" && typeof end === "function";
}
