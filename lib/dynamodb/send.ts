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
