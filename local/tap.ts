import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { readBody } from "./http/body.ts";
import { connect, type UpstreamAnswer } from "./http/upstream.ts";
import { LOOPBACK, listen } from "./process/ports.ts";

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
  const engine = connect(engineEndpoint);
  let sequence = 0;

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error) => {
      if (error instanceof HookFailure) answerInstead(outgoing, error.answer);
      else outgoing.destroy();
    });
  });
  // A frozen function cannot see that a connection is closed, and would use it after the thaw.
  server.keepAliveTimeout = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const bytes = await readBody(incoming);
    sequence += 1;
    if (requestHooks.size === 0 && answerHooks.size === 0) {
      return reply(outgoing, await engine.send(incoming, bytes));
    }
    const seen = readRequest(incoming, bytes, sequence);
    const verdict = await firstVerdict(requestHooks, seen);
    if (verdict === "drop-request") return void outgoing.destroy();
    if (typeof verdict === "object" && "status" in verdict) return answerInstead(outgoing, verdict);
    if (typeof verdict === "object" && "lateMs" in verdict) {
      outgoing.destroy();
      // No client waits for this request, so it must not keep the program alive.
      await delay(verdict.lateMs, undefined, { ref: false });
      return void (await engine.send(incoming, bytes));
    }
    if (typeof verdict === "object") await delay(verdict.delayMs);
    if (verdict === "forward-twice") await engine.send(incoming, bytes);

    const answer = await engine.send(incoming, bytes);
    const lost = await isLost(answerHooks, seen, answer);
    if (verdict === "drop-answer" || lost) return void outgoing.destroy();
    reply(outgoing, answer);
  }

  const port = await listen(server);
  return {
    endpoint: (environmentId) =>
      `http://${LOOPBACK}:${port}${environmentId ? `/${environmentId}` : ""}`,
    onRequest: (hook) => add(requestHooks, hook),
    onAnswer: (hook) => add(answerHooks, hook),
    close: async () => {
      engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readRequest(incoming: IncomingMessage, bytes: Buffer, sequence: number): TapRequest {
  const target = String(incoming.headers["x-amz-target"] ?? "");
  const environmentId = (incoming.url ?? "/").split("/")[1];
  return {
    sequence,
    operation: target.slice(target.indexOf(".") + 1),
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
  get answer(): TapAnswer {
    return { status: 400, body: { __type: "TapHookFailure", message: this.message } };
  }
}

async function runHook<Verdict>(hook: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await hook();
  } catch (error) {
    throw new HookFailure(`A hook of the tap failed: ${error}`, { cause: error });
  }
}

/**
 * Omits the `Date` header, which differs from the time of a function under a movable clock: the SDK
 * would take its clock for skewed, and send every refused request again.
 */
function reply(outgoing: ServerResponse, answer: UpstreamAnswer): void {
  const { date: _, ...headers } = answer.headers;
  outgoing.sendDate = false;
  outgoing.writeHead(answer.status, headers);
  outgoing.end(answer.bytes);
}

function answerInstead(outgoing: ServerResponse, { status, body }: TapAnswer): void {
  outgoing.sendDate = false;
  outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  outgoing.end(JSON.stringify(body));
}

function parse(bytes: Buffer): Record<string, unknown> {
  return bytes.length > 0 ? JSON.parse(bytes.toString()) : {};
}

function add<Hook>(hooks: Set<Hook>, hook: Hook): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}
