import { inspect } from "node:util";
import { foreignValue } from "./foreign.ts";
import { gatewayError } from "./gateway-error.ts";
import type { EventFormat } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/** Why a value is no response. */
export interface Fault {
  /** What is wrong with it: "its body is a Buffer". */
  readonly what: string;
  /** What to give in its place. */
  readonly mend: string;
}

/** What the gateway in front makes of a handler's result. */
export interface ReadResult {
  readonly response: HttpResponse;
  readonly fault?: Fault;
}

type ReadResponse = { readonly response: HttpResponse } | { readonly fault: Fault };

/**
 * The response that a handler's result stands for, as Lambda serialises it and the gateway reads it:
 * what has no JSON text, or no valid status, is an error of the gateway. An HTTP API and a function
 * URL make a 200 of any result without a `statusCode`.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function readResult(result: unknown, format: EventFormat): ReadResult {
  const json = serialise(result);
  if ("fault" in json) return { response: gatewayError(format), fault: json.fault };
  if (infersResponses(format) && !hasStatus(json.value)) {
    const fault = mistakeIn(result);
    return { response: inferred(json), ...(fault !== undefined && { fault }) };
  }
  const read = readResponse(json.value, result);
  return "fault" in read ? { response: gatewayError(format), fault: read.fault } : read;
}

/** The response that is given to `commit`, copied; or what keeps it from being one. */
export function readCommitted(response: unknown): ReadResponse {
  const json = serialise(response);
  return "fault" in json ? json : readResponse(json.value, response);
}

/** Any other gateway asks for a status. */
function infersResponses(format: EventFormat): boolean {
  return format === "http-api";
}

/** The body of a text is the text itself. */
function inferred({ value, text }: Serialised): HttpResponse {
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: typeof value === "string" ? value : text,
  };
}

interface Serialised {
  /** The JSON text that Lambda's runtime sends; empty where a response was read without it. */
  readonly text: string;
  readonly value: unknown;
}

/** Lambda's runtime sends `null` where nothing is returned. */
function serialise(result: unknown): Serialised | { readonly fault: Fault } {
  try {
    if (hasTextBody(result)) {
      // The body is most of the response, and its JSON text says nothing else than it does.
      const { body, ...rest } = result;
      const value = isPlain(rest) ? rest : JSON.parse(JSON.stringify(rest));
      if (hasStatus(value)) return { text: "", value: { ...value, body } };
    }
    const text = JSON.stringify(result ?? null) as string | undefined;
    return text === undefined
      ? { fault: { what: `it is ${kind(result)}`, mend: EXPECTED } }
      : { text, value: JSON.parse(text) };
  } catch (error) {
    return { fault: { what: `it has no JSON text: ${(error as Error).message}`, mend: EXPECTED } };
  }
}

/** Whether the members of a response, but its body, are what their JSON text says. Most are. */
function isPlain(members: object): boolean {
  return Object.entries(members).every(([name, value]) =>
    name === "headers" ? isTexts(value) : typeof value === "boolean" || Number.isSafeInteger(value),
  );
}

function isTexts(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((one) => typeof one === "string")
  );
}

function hasStatus(value: unknown): boolean {
  return isRecord(value) && "statusCode" in value;
}

function hasTextBody(result: unknown): result is { readonly body: string } {
  if (!isRecord(result) || "toJSON" in result) return false;
  const body = Object.getOwnPropertyDescriptor(result, "body");
  return body?.enumerable === true && typeof body.value === "string";
}

/** @param original what was serialised, which says better than its JSON text what it is. */
export function readResponse(value: unknown, original: unknown): ReadResponse {
  if (!isRecord(value)) {
    const given = original === undefined ? original : value;
    return { fault: faultOfResult(original, `it is ${shown(given)}`) };
  }
  const { statusCode, headers, multiValueHeaders, cookies, body, ...others } = value;
  const status = readStatus(statusCode);
  if (status === undefined) {
    return { fault: faultOfResult(original, `its statusCode is ${shown(statusCode)}`) };
  }
  if (isThere(body) && typeof body !== "string") return { fault: faultOfBody(body, original) };
  const wrong = [
    isThere(headers) && !isRecordOf(isHeaderValue, headers) && WRONG_HEADERS,
    isThere(multiValueHeaders) && !isRecordOf(isList, multiValueHeaders) && WRONG_LISTS,
    isThere(cookies) && !isListOfTexts(cookies) && WRONG_COOKIES,
  ].find((fault) => fault !== false);
  if (wrong !== undefined) return { fault: wrong };
  const response = {
    ...others,
    statusCode: status,
    ...(isThere(headers) && { headers: withoutNulls(headers as object) }),
    ...(isThere(multiValueHeaders) && { multiValueHeaders }),
    ...(isThere(cookies) && { cookies }),
    ...(isThere(body) && { body }),
  };
  return { response: response as HttpResponse };
}

const EXPECTED =
  "Give { statusCode, headers, body }: the status a whole number from 100 to 599, the body a text.";
const WRONG_HEADERS = {
  what: "its headers are no object of texts",
  mend: "Give each header one text, and several values in multiValueHeaders.",
};
const WRONG_LISTS = {
  what: "its multiValueHeaders are no object of lists",
  mend: "Give each header a list of texts.",
};
const WRONG_COOKIES = {
  what: "its cookies are no list of texts",
  mend: 'Give cookies: ["name=value"].',
};

/** API Gateway takes a number in a text as well. */
function readStatus(statusCode: unknown): number | undefined {
  const isText = typeof statusCode === "string" && /^[0-9]{3}$/.test(statusCode);
  const status = isText ? Number(statusCode) : statusCode;
  return Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 599
    ? (status as number)
    : undefined;
}

function faultOfBody(body: unknown, original: unknown): Fault {
  const foreign = foreignValue((original as { body?: unknown } | null)?.body);
  if (foreign !== undefined) {
    return { what: `its body is ${foreign.what}`, mend: foreign.mend("body") };
  }
  const text = typeof body === "object" ? "JSON.stringify(body)" : "String(body)";
  return { what: `its body is ${shown(body)}, and no text`, mend: `Give ${text}.` };
}

/** @param otherwise what is wrong with it where it is plain data. */
function faultOfResult(original: unknown, otherwise: string): Fault {
  const foreign = foreignValue(original);
  return foreign === undefined
    ? { what: otherwise, mend: EXPECTED }
    : { what: `it is ${foreign.what}`, mend: foreign.mend("response") };
}

/** A result that the gateway takes, and that its author must have meant otherwise. */
function mistakeIn(result: unknown): Fault | undefined {
  const isMeant =
    isRecord(result) && ("statusCode" in result || readStatus(result.status) !== undefined);
  return foreignValue(result) || isMeant
    ? faultOfResult(result, "it has no statusCode")
    : undefined;
}

function kind(value: unknown): string {
  return foreignValue(value)?.what ?? `${shown(value)}, which has no JSON text`;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordOf(isValue: (value: unknown) => boolean, value: unknown): boolean {
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

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 40 });
}
