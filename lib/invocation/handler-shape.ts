import { ConfigurationError } from "../errors.ts";

/** The mark that `awslambda.streamifyResponse` puts on a handler. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

const WHY =
  "A repeat gets the response that the handler returned: make the handler an async function that returns { statusCode, headers, body }.";

type AnyFunction = (...parameters: never[]) => unknown;

/**
 * Refuses, when the function starts, a value that is not a function and a handler that streams its
 * response: the record would get its returned value in place of the response.
 *
 * @throws ConfigurationError
 */
export function checkHandler(handler: unknown, where = "idempotent", why = WHY): void {
  if (typeof handler !== "function") {
    throw new ConfigurationError(
      `${where}: the handler is ${typeof handler}; expected a function. ${why}`,
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
 * Refuses a call with a response stream, which the runtime passes in place of the context. Middy treats
 * the stream as a context: a middleware under `awslambda.streamifyResponse` would record a response that
 * no client gets.
 *
 * @throws ConfigurationError
 */
export function refuseStream(context: unknown): void {
  if (isWritable(context)) throw createStreamingError();
}

/**
 * Refuses, before the claim, a call in which the handler could respond without returning: the runtime
 * passes a response stream, or a callback that the handler declares.
 *
 * @param rest the parameters after the context: Middy passes `{ signal }`, Lambda up to Node 22 a callback.
 * @throws ConfigurationError
 */
export function checkCall(handler: AnyFunction, context: unknown, rest: readonly unknown[]): void {
  refuseStream(context);
  const [third] = rest;
  const isDeclared = handler.length >= 3;
  if (isDeclared && (typeof third === "function" || rest.length === 0)) {
    const found = rest.length === 0 ? "and is called without one" : "which is Lambda's callback";
    throw new ConfigurationError(
      `idempotent: the handler declares a third parameter, ${found}. ${WHY} If it returns a promise nevertheless, wrap (event, context) => handler(event, context) instead. Under Middy the third parameter is { signal }; give it a default if it may be missing.`,
    );
  }
}

/** Replaces an undeclared callback, which a rest parameter or `arguments` can reach, by one that throws. */
export function blockCallback<Rest extends readonly unknown[]>(rest: Rest): Rest {
  if (typeof rest[0] !== "function") return rest;
  return [throwOnCall("callback()"), ...rest.slice(1)] as unknown as Rest;
}

/** Refuses a synchronous handler that returned nothing although it had a callback: it may call it later. */
export function checkReturned(returned: unknown, rest: readonly unknown[]): void {
  if (returned !== undefined || typeof rest[0] !== "function") return;
  throw new ConfigurationError(
    `idempotent: the handler has returned neither a response nor a promise. ${WHY}`,
  );
}

const LEGACY_METHODS = ["done", "succeed", "fail"] as const;

/** Replaces the methods of Lambda's context, up to Node 22, that send a response; the replacements throw. */
export function blockLegacyResponses(given: object | null | undefined): object {
  const context = (given ?? {}) as Record<string, unknown>;
  const present = LEGACY_METHODS.filter((name) => typeof context[name] === "function");
  return Object.fromEntries(present.map((name) => [name, throwOnCall(`context.${name}()`)]));
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
