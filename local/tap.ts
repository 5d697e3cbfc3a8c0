import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  createAnswer,
  type ProxiedRequest,
  readOperation,
  startEngineProxy,
} from "./engine-proxy.ts";
import type { Upstream, UpstreamAnswer } from "./http/upstream.ts";

/** A DynamoDB request seen on the wire. */
export type TapRequest = {
  /** The number of the request among those through this tap, from 1. */
  sequence: number;
  /** The operation: `UpdateItem`, `TransactWriteItems`, … */
  operation: string;
  /** The request as the SDK wrote it, with typed attribute values (`{S: "…"}`). */
  body: Record<string, unknown>;
  /** The execution environment that sent the request, if it used the environment's own URL. */
  environmentId?: string;
};

/** An answer of DynamoDB, or a substitute for it. `body.__type` names the exception. */
export type TapAnswer = { status: number; body: Record<string, unknown> };

/**
 * The fate of a request:
 * - `forward`: as if the tap were not there;
 * - `forward-twice`: the engine gets it twice, the client the second answer, as after a lost answer;
 * - `drop-request`: the engine never sees it, and the connection breaks;
 * - `drop-answer`: the engine carries it out, and the connection breaks;
 * - `{delayMs}`: the engine gets it after this time;
 * - `{lateMs}`: the connection breaks at once, and the engine gets it after this time;
 * - `{status, body}`: the tap answers in the engine's place (throttled, conflict, 500 …).
 */
export type RequestVerdict =
  | "forward"
  | "forward-twice"
  | "drop-request"
  | "drop-answer"
  | { delayMs: number }
  | { lateMs: number }
  | TapAnswer;

/**
 * Decides the fate of a request. The tap awaits the hook before the engine sees the request. If the
 * hook throws, the client gets a `TapHookFailure`.
 */
export type RequestHook = (
  request: TapRequest,
) => RequestVerdict | undefined | Promise<RequestVerdict | undefined>;

/** Sees an answer of the engine. The tap awaits the hook before the client gets the answer. */
export type AnswerHook = (
  request: TapRequest,
  answer: TapAnswer,
) => "pass" | "drop" | undefined | Promise<"pass" | "drop" | undefined>;

/** A proxy between the functions and the DynamoDB engine, which watches and disturbs requests. */
export type Tap = {
  /** The endpoint for a client. With an environment's id, the client's requests carry that id. */
  endpoint(environmentId?: string): string;
  /** Adds a hook; the first verdict other than `forward` holds. Call the result to remove the hook. */
  onRequest(hook: RequestHook): () => void;
  /** Adds a hook; a single `drop` loses the answer. Call the result to remove the hook. */
  onAnswer(hook: AnswerHook): () => void;
  close(): Promise<void>;
};

/** Starts a tap before the engine at this URL. */
export async function startTap(engineEndpoint: string): Promise<Tap> {
  const requestHooks = new Set<RequestHook>();
  const answerHooks = new Set<AnswerHook>();
  let sequence = 0;

  const proxy = await startEngineProxy(engineEndpoint, (request, engine) =>
    serve(request, engine).catch((error) => {
      if (error instanceof HookFailure) return error.answer;
      throw error;
    }),
  );

  async function serve(
    { incoming, bytes }: ProxiedRequest,
    engine: Upstream,
  ): Promise<UpstreamAnswer | undefined> {
    sequence += 1;
    if (requestHooks.size === 0 && answerHooks.size === 0) return engine.send(incoming, bytes);
    const seen = readRequest(incoming, bytes, sequence);
    const verdict = await firstVerdict(requestHooks, seen);
    if (verdict === "drop-request") return undefined;
    if (typeof verdict === "object" && "status" in verdict) {
      return createAnswer(verdict.status, verdict.body);
    }
    if (typeof verdict === "object" && "lateMs" in verdict) {
      const sendLate = () => engine.send(incoming, bytes);
      // No client waits for this request, so it must not keep the program alive.
      delay(verdict.lateMs, undefined, { ref: false })
        .then(sendLate)
        .catch(() => {});
      return undefined;
    }
    if (typeof verdict === "object") await delay(verdict.delayMs);
    if (verdict === "forward-twice") await engine.send(incoming, bytes);

    const answer = await engine.send(incoming, bytes);
    const lost = await isLost(answerHooks, seen, answer);
    return verdict === "drop-answer" || lost ? undefined : answer;
  }

  return {
    endpoint: (environmentId) => `${proxy.endpoint}${environmentId ? `/${environmentId}` : ""}`,
    onRequest: (hook) => add(requestHooks, hook),
    onAnswer: (hook) => add(answerHooks, hook),
    close: proxy.close,
  };
}

function readRequest(incoming: IncomingMessage, bytes: Buffer, sequence: number): TapRequest {
  const environmentId = (incoming.url ?? "/").split("/")[1];
  return {
    sequence,
    operation: readOperation(incoming),
    body: parse(bytes),
    ...(environmentId && { environmentId }),
  };
}

async function firstVerdict(hooks: Set<RequestHook>, seen: TapRequest): Promise<RequestVerdict> {
  for (const hook of hooks) {
    const verdict = await runHook(() => hook(seen));
    if (verdict && verdict !== "forward") return verdict;
  }
  return "forward";
}

/** Each hook sees the answer, even after an earlier hook has dropped it. */
async function isLost(hooks: Set<AnswerHook>, seen: TapRequest, answer: UpstreamAnswer) {
  let lost = false;
  for (const hook of hooks) {
    const body = parse(answer.bytes);
    const verdict = await runHook(() => hook(seen, { status: answer.status, body }));
    lost ||= verdict === "drop";
  }
  return lost;
}

/** A hook that throws must not look like a broken connection: clients would retry, and hide it. */
class HookFailure extends Error {
  get answer(): UpstreamAnswer {
    return createAnswer(400, { __type: "TapHookFailure", message: this.message });
  }
}

async function runHook<Verdict>(hook: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await hook();
  } catch (error) {
    throw new HookFailure(`A hook of the tap failed: ${error}`, { cause: error });
  }
}

function parse(bytes: Buffer): Record<string, unknown> {
  return bytes.length > 0 ? JSON.parse(bytes.toString()) : {};
}

function add<Hook>(hooks: Set<Hook>, hook: Hook): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}
