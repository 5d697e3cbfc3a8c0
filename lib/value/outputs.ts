import { inspect } from "node:util";
import { ConfigurationError, RecordError, type Refusal } from "../errors.ts";
import type { Outputs } from "../invocation/surface.ts";
import type { Observer } from "../observe.ts";
import type { Contract } from "../protocol/contract.ts";
import { IdempotencyRefused } from "./refused.ts";
import { errorOf } from "./thrown.ts";

/** The result of a function, or the error in its place. */
export type ValueOutput =
  | { readonly kind: "value"; readonly value: unknown }
  /** `notKept`: the function has run, and its record cannot hold its result. */
  | { readonly kind: "error"; readonly error: unknown; readonly notKept?: string };

/** DynamoDB refuses items over 400 KB (409,600 bytes); the rest of a record needs some of them. */
const LARGEST_RESULT_BYTES = 400_000;

/** Characters of an error's name and message that a record holds. */
const LONGEST_ERROR_TEXT = 2_000;

/**
 * The results of one call of a function. Every call gets the result as its JSON text says it, the first
 * one too, so that no caller depends on a `Date` that a repeat would not have.
 *
 * @param name the function's, for messages.
 */
export function valueOutputs(
  name: string,
  { keepsResponses }: Pick<Contract, "keepsResponses">,
  observe: Observer,
): Outputs<ValueOutput> {
  return {
    read(result) {
      const read = readValue(result);
      if ("value" in read) return { output: { kind: "value", ...read }, statusCode: 200 };
      const { problem } = read.fault;
      const message = `${name}: the function has run, and its result cannot be kept: ${problem}. ${REMEDY}`;
      const error = new ConfigurationError(message);
      const fault = { ...read.fault, consequence: "The caller gets an error" };
      return { output: { kind: "error", error, notKept: problem }, statusCode: 200, fault };
    },

    readCommitted(result) {
      const read = readValue(result);
      return "value" in read ? { output: { kind: "value", ...read } } : read;
    },

    original: errorOf,

    areRefusalsFinal: false,

    ofError: (error) => ({ kind: "error", error: errorOf(error) }),

    store(output) {
      if (output.kind === "error") return { text: JSON.stringify(storedError(output)) };
      if (!keepsResponses) return { text: "{}" };
      const text = JSON.stringify({ value: output.value });
      const bytes = Buffer.byteLength(text);
      if (bytes <= LARGEST_RESULT_BYTES) return { text };
      const notKept = `it has ${bytes} bytes; the maximum is ${LARGEST_RESULT_BYTES}`;
      return { text: JSON.stringify({ notKept }), notKept };
    },

    toHandler: (output) => (keepsResponses ? structuredClone(unwrap(output)) : unwrap(output)),

    async respond(ended) {
      if (ended.kind === "refuse") return refuse(ended.refusal);
      try {
        return readStored(ended.response);
      } catch (cause) {
        // The record exists, so the call may have taken effect: the refusal claims neither.
        const refusal = { code: "record_unreadable", cause } as const;
        observe({ kind: "refused", ...refusal });
        return refuse(refusal);
      }
    },

    send: unwrap,
  };

  /** A contract without results never repeats one, so its function may return anything. */
  function readValue(result: unknown) {
    return keepsResponses ? asJson(result) : { value: result };
  }

  function refuse(refusal: Refusal): ValueOutput {
    return { kind: "error", error: new IdempotencyRefused(refusal, name) };
  }

  function readStored(text: string): ValueOutput {
    const stored = parseObject(text);
    if (typeof stored.notKept === "string") {
      const refusal = {
        code: "result_not_kept",
        detail: `The reason: ${stored.notKept}.`,
      } as const;
      return { kind: "error", error: new IdempotencyRefused(refusal, name) };
    }
    if (stored.error === undefined) return { kind: "value", value: stored.value };
    return { kind: "error", error: readError(stored.error) };
  }
}

function unwrap(output: ValueOutput): unknown {
  if (output.kind === "error") throw output.error;
  return output.value;
}

/** The value of a result's JSON text. No result is a result as well. */
function asJson(
  result: unknown,
): { readonly value: unknown } | { readonly fault: { problem: string; remedy: string } } {
  if (result === undefined) return { value: undefined };
  try {
    const text = JSON.stringify(result) as string | undefined;
    if (text !== undefined) return { value: JSON.parse(text) };
  } catch (error) {
    const [reason = ""] = String((error as Error).message).split("\n");
    return { fault: { problem: `it has no JSON text (${reason})`, remedy: REMEDY } };
  }
  return { fault: { problem: `it is a ${typeof result}, which has no JSON text`, remedy: REMEDY } };
}

const REMEDY = "Return plain data: texts, numbers, lists and objects.";

function storedError({ error, notKept }: Extract<ValueOutput, { kind: "error" }>): object {
  if (notKept !== undefined) return { notKept };
  const { name = "Error", message = error } = (error ?? {}) as {
    name?: unknown;
    message?: unknown;
  };
  return { error: { name: cut(name), message: cut(message) } };
}

function cut(value: unknown): string {
  const text = typeof value === "object" && value !== null ? inspect(value) : String(value);
  return text.slice(0, LONGEST_ERROR_TEXT);
}

function readError(stored: unknown): Error {
  const { name, message } = (stored ?? {}) as { name?: unknown; message?: unknown };
  if (typeof name !== "string" || typeof message !== "string") throw unreadable();
  return Object.assign(new Error(message), { name });
}

function parseObject(text: string): { value?: unknown; error?: unknown; notKept?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: another program has written it.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw unreadable();
}

function unreadable(): RecordError {
  return new RecordError(
    'The record\'s attribute "response" is not the text of a result. Does another program write to the table?',
  );
}
