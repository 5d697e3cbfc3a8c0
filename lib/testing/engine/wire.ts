import type { Database } from "./database.ts";

/*
 * DynamoDB's own protocol: the name of an operation, and JSON texts in both directions.
 */

/** The names under which the wire knows DynamoDB's errors begin with their origin. */
const NAMESPACES: Readonly<Record<string, string>> = {
  ValidationException: "com.amazon.coral.validate",
  SerializationException: "com.amazon.coral.service",
  UnknownOperationException: "com.amazon.coral.service",
};
const OWN_NAMESPACE = "com.amazonaws.dynamodb.v20120810";

const TARGET = /^DynamoDB_20120810\.(\w+)$/;

/** An answer of DynamoDB, as the wire has it. */
export interface WireAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** The name of the operation in the header `x-amz-target`; `undefined` if it is none of DynamoDB's. */
export function operationIn(target: string): string | undefined {
  return TARGET.exec(target)?.[1];
}

/**
 * Carries out a request that came over the wire.
 *
 * @param target the header `x-amz-target`.
 * @param body JSON text.
 */
export function answerRequest(database: Database, target: string, body: string): WireAnswer {
  const operation = operationIn(target);
  if (operation === undefined) {
    return refusal("UnknownOperationException", `No operation of DynamoDB is called ${target}.`);
  }
  let input: object;
  try {
    input = JSON.parse(body, decoded);
  } catch (error) {
    return refusal("SerializationException", (error as Error).message);
  }
  try {
    return { status: 200, body: textOf(database.carryOut(operation, input).output) };
  } catch (error) {
    return refusalFor(error as Refusal);
  }
}

interface Refusal extends Error {
  readonly $fault?: string;
  readonly Item?: unknown;
  readonly CancellationReasons?: unknown;
}

function refusalFor(error: Refusal): WireAnswer {
  const { name, message, $fault, Item, CancellationReasons } = error;
  if ($fault === "client") return refusal(name, message, { Item, CancellationReasons });
  // A defect of the engine. Clients send the request again, and then say so.
  return { ...refusal("InternalServerError", `${error.stack}`), status: 500 };
}

/** An answer that refuses a request, with the name of DynamoDB's error. */
export function refusal(name: string, message: string, others: object = {}): WireAnswer {
  const __type = `${NAMESPACES[name] ?? OWN_NAMESPACE}#${name}`;
  return { status: 400, body: textOf({ __type, message, ...others }) };
}

function textOf(content: object): string {
  return JSON.stringify(content, encoded);
}

/** JSON has no bytes: as the only member called B that is a text, a binary value is Base64. */
function decoded(key: string, value: unknown): unknown {
  if (key === "B" && typeof value === "string") return bytesIn(value);
  if (key === "BS" && Array.isArray(value)) return value.map((one) => bytesIn(String(one)));
  return value;
}

function bytesIn(text: string): Uint8Array {
  // Not a Buffer, which has a JSON of its own.
  return new Uint8Array(Buffer.from(text, "base64"));
}

function encoded(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
