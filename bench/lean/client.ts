import { setTimeout as sleep } from "node:timers/promises";
import { fromWire, toWire } from "./attribute-values.ts";
import type { Transport } from "./transport.ts";

const MOST_ATTEMPTS = 3;
const ATTEMPT_MS = 2_000;
const FIRST_DELAY_MS = 50;

/** A command of the SDK or of `commands.ts`. A bundler may change the names of the latter classes. */
interface Command {
  readonly input: unknown;
  readonly operation?: string;
}

/**
 * As much of the SDK's `DynamoDBClient` as `dynamoDbStore` uses, over a small transport: the same
 * commands, the same errors, 3 attempts of 2 seconds.
 */
export class LeanClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async send(command: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
    const operation = command.operation ?? command.constructor.name.replace(/Command$/, "");
    const body = JSON.stringify(toWire(command.input));
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#attempt(operation, body, abortSignal);
      } catch (error) {
        const isLast = attempts === MOST_ATTEMPTS || abortSignal?.aborted || !isRetried(error);
        if (isLast) throw Object.assign(error as Error, { $metadata: { attempts } });
        await sleep(Math.random() * FIRST_DELAY_MS * 2 ** attempts);
      }
    }
  }

  async #attempt(operation: string, body: string, abortSignal: AbortSignal | undefined) {
    const timeout = AbortSignal.timeout(ATTEMPT_MS);
    const signal = abortSignal ? AbortSignal.any([abortSignal, timeout]) : timeout;
    const answer = await this.#transport(operation, body, signal);
    const output = fromWire(readJson(answer.body)) as Record<string, unknown>;
    if (answer.statusCode === 200) return output;
    throw toError(answer.statusCode, output);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function toError(
  statusCode: number,
  { __type, message, Message, ...rest }: Record<string, unknown>,
) {
  const name = String(__type ?? "UnknownError").replace(/^.*#/, "");
  const text = String(message ?? Message ?? `HTTP status ${statusCode}`);
  return Object.assign(new Error(text), rest, { name, statusCode });
}

const THROTTLED = new Set([
  ...["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"],
  "TransactionInProgressException",
]);

/** No response came, a machine failed, or DynamoDB asks for a retry. */
function isRetried(error: unknown): boolean {
  const { name, statusCode } = error as { name: string; statusCode?: number };
  return statusCode === undefined || statusCode >= 500 || THROTTLED.has(name);
}
