import type { CallOptions } from "../protocol/store.ts";
import { longestCallMs } from "./client.ts";

/**
 * Milliseconds that any call may take. A client of the user's own may have no limit at all; 30
 * seconds is how long API Gateway and the clients of payment APIs wait.
 */
const LONGEST_CALL_MS = 30_000;

/** Options for the client, passed with each request. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

/** A command of the SDK, as far as this file knows it. */
interface Command {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

/** The last step before signing and sending, inside the client's retries. */
const BEFORE_EACH_SEND = { step: "finalizeRequest", name: "hasTime", priority: "low" };

/**
 * Lets a command be sent only while there is time. The client asks before each of its own attempts as
 * well: a process may freeze between two of them, and thaw after the end of its invocation.
 *
 *     send ── throttled ── (frozen for a day) ── sent again: refused, nothing leaves the process
 */
export function onlyWithTime<Sent extends Command>(
  command: Sent,
  { hasTime }: Pick<CallOptions, "hasTime">,
): Sent {
  if (hasTime === undefined) return command;
  const middleware = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
    if (!hasTime()) throw noTimeError();
    return next(args);
  };
  command.middlewareStack.add(middleware as never, BEFORE_EACH_SEND as never);
  return command;
}

function noTimeError(): Error {
  return Object.assign(new Error("the invocation has ended, so the request was not sent"), {
    name: "TimeoutError",
  });
}

/**
 * Bounds the calls of a client wherever they stall: the connection, TLS, the headers, the body, or
 * the credentials. The client's own time limit ends at the headers, and a body that stops half-way
 * would hold the invocation until its end.
 *
 *     request ── headers ── half the body ── (silence) ── … ── the time is up: the socket is closed
 *
 * @returns a function that sends, and waits at most `timeoutMs`, or as long as a call of this
 *   client can take.
 */
export function boundedSender(client: object) {
  const longestMs = Math.min(longestCallMs(client), LONGEST_CALL_MS);
  return async function sendBounded<Output>(
    timeoutMs: number | undefined,
    send: (options: SendOptions) => Promise<Output>,
  ): Promise<Output> {
    const limitMs = Math.max(1, Math.floor(Math.min(timeoutMs ?? longestMs, longestMs)));
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // A client may ignore the signal, so the call does not rely on its promise.
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(timeoutError(limitMs));
        abort.abort();
      }, limitMs);
    });
    try {
      return await Promise.race([send({ abortSignal: abort.signal }), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function timeoutError(limitMs: number): Error {
  return Object.assign(new Error(`no complete response arrived within ${limitMs} ms`), {
    name: "TimeoutError",
  });
}
