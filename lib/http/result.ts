import { inspect } from "node:util";
import type { Fault } from "../checks/fault.ts";
import { foreignValue } from "./foreign.ts";
import { gatewayError } from "./gateway-error.ts";
import type { EventFormat } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/** The response that the gateway in front makes from a handler's result. */
export interface ReadResult {
  readonly response: HttpResponse;
  readonly fault?: Fault;
}

type ReadResponse = { readonly response: HttpResponse } | { readonly fault: Fault };

/**
 * Reads a handler's result as Lambda serialises it and the gateway interprets it. For a result without
 * a JSON text or without a valid status the gateway sends its own error. An HTTP API and a function
 * URL turn any result without a `statusCode` into a 200.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function readResult(result: unknown, format: EventFormat): ReadResult {
  const json = serialise(result);
  if ("fault" in json) return { response: gatewayError(format), fault: json.fault };
  if (infersResponses(format) && !hasStatus(json.value)) {
    const fault = findMistake(result);
    return { response: inferResponse(json), ...(fault !== undefined && { fault }) };
  }
  const read = readResponse(json.value, result);
  return "fault" in read ? { response: gatewayError(format), fault: read.fault } : read;
}

/** A copy of the response that the handler passes to `commit`, or the fault that makes it invalid. */
export function readCommitted(response: unknown): ReadResponse {
  const json = serialise(response);
  return "fault" in json ? json : readResponse(json.value, response);
}

/** All other gateways require a status. */
function infersResponses(format: EventFormat): boolean {
  return format === "http-api";
}

/** A string becomes the body unchanged; any other value becomes its JSON text. */
function inferResponse({ value, text }: Serialised): HttpResponse {
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: typeof value === "string" ? value : text,
  };
}

interface Serialised {
  /** The JSON text that Lambda's runtime sends; empty if the response was read without it. */
  readonly text: string;
  readonly value: unknown;
}

/** Lambda's runtime sends `null` for `undefined`. */
function serialise(result: unknown): Serialised | { readonly fault: Fault } {
  try {
    if (hasTextBody(result)) {
      // A string body survives JSON unchanged, and is too long to serialise and parse for nothing.
      const { body, ...rest } = result;
      const value = JSON.parse(JSON.stringify(rest));
      if (hasStatus(value)) return { text: "", value: { ...value, body } };
    }
    const text = JSON.stringify(result ?? null) as string | undefined;
    return text === undefined
      ? { fault: { problem: `it is ${describeValue(result)}`, remedy: EXPECTED } }
      : { text, value: JSON.parse(text) };
  } catch (error) {
    return {
      fault: { problem: `it has no JSON text: ${(error as Error).message}`, remedy: EXPECTED },
    };
  }
}

function hasStatus(value: unknown): boolean {
  return isRecord(value) && "statusCode" in value;
}

function hasTextBody(result: unknown): result is { readonly body: string } {
  if (!isRecord(result) || "toJSON" in result) return false;
  const body = Object.getOwnPropertyDescriptor(result, "body");
  return body?.enumerable === true && typeof body.value === "string";
}

/** @param original the value before its serialisation, which tells more about a fault. */
export function readResponse(value: unknown, original: unknown): ReadResponse {
  if (!isRecord(value)) {
    const given = original === undefined ? original : value;
    return { fault: createResultFault(original, `it is ${formatValue(given)}`) };
  }
  const { statusCode, headers, multiValueHeaders, cookies, body, ...others } = value;
  const status = readStatus(statusCode);
  if (status === undefined) {
    return { fault: createResultFault(original, `its statusCode is ${formatValue(statusCode)}`) };
  }
  if (isPresent(body) && typeof body !== "string")
    return { fault: createBodyFault(body, original) };
  const wrong = [
    isPresent(headers) && !isRecordWith(isHeaderValue, headers) && WRONG_HEADERS,
    isPresent(multiValueHeaders) && !isRecordWith(isList, multiValueHeaders) && WRONG_LISTS,
    isPresent(cookies) && !isListOfTexts(cookies) && WRONG_COOKIES,
  ].find((fault) => fault !== false);
  if (wrong !== undefined) return { fault: wrong };
  const response = {
    ...others,
    statusCode: status,
    ...(isPresent(headers) && { headers: withoutNulls(headers as object) }),
    ...(isPresent(multiValueHeaders) && { multiValueHeaders }),
    ...(isPresent(cookies) && { cookies }),
    ...(isPresent(body) && { body }),
  };
  return { response: response as HttpResponse };
}

const EXPECTED =
  "Use { statusCode, headers, body } with a whole number from 100 to 599 as the status and a string as the body.";
const WRONG_HEADERS = {
  problem: "its headers are not an object of strings",
  remedy: "Set each header to one string. Put several values of a header into multiValueHeaders.",
};
const WRONG_LISTS = {
  problem: "its multiValueHeaders are not an object of lists",
  remedy: "Set each header in multiValueHeaders to a list of strings.",
};
const WRONG_COOKIES = {
  problem: "its cookies are not a list of strings",
  remedy: 'Use cookies: ["name=value"].',
};

/** API Gateway also accepts a number in a string. */
function readStatus(statusCode: unknown): number | undefined {
  const isText = typeof statusCode === "string" && /^[0-9]{3}$/.test(statusCode);
  const status = isText ? Number(statusCode) : statusCode;
  return Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 599
    ? (status as number)
    : undefined;
}

function createBodyFault(body: unknown, original: unknown): Fault {
  const foreign = foreignValue((original as { body?: unknown } | null)?.body);
  if (foreign !== undefined) {
    return { problem: `its body is ${foreign.noun}`, remedy: foreign.remedy("body") };
  }
  const text = typeof body === "object" ? "JSON.stringify(body)" : "String(body)";
  return {
    problem: `its body is ${formatValue(body)} and not a string`,
    remedy: `Use ${text} as the body.`,
  };
}

/** @param otherwise the problem, if the result is plain data. */
function createResultFault(original: unknown, otherwise: string): Fault {
  const foreign = foreignValue(original);
  return foreign === undefined
    ? { problem: otherwise, remedy: EXPECTED }
    : { problem: `it is ${foreign.noun}`, remedy: foreign.remedy("response") };
}

/** The fault of a result that the gateway accepts, but that its author cannot have intended. */
function findMistake(result: unknown): Fault | undefined {
  const isIntended =
    isRecord(result) && ("statusCode" in result || readStatus(result.status) !== undefined);
  return foreignValue(result) || isIntended
    ? createResultFault(result, "it has no statusCode")
    : undefined;
}

function describeValue(value: unknown): string {
  return foreignValue(value)?.noun ?? `${formatValue(value)}, which has no JSON text`;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordWith(isValue: (value: unknown) => boolean, value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isValue);
}

function isHeaderValue(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => one !== null && isHeaderValue(one));
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function withoutNulls(headers: object): object {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null));
}

function formatValue(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 40 });
}
