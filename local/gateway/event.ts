import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpApi } from "../assembly/http-api.ts";
import { ACCOUNT_ID, REGION } from "../assembly/pseudo-parameters.ts";
import type { RouteMatch } from "./route-match.ts";

/** An HTTP request, read once and split into its parts. */
export type HttpRequest = {
  id: string;
  method: string;
  /** Percent-decoded, with the stage, as HTTP APIs pass the path on. */
  path: string;
  queryString: string;
  /** Names and values in the order of the wire. */
  headers: [name: string, value: string][];
  sourceIp: string;
  body: Buffer;
  receivedMs: number;
};

/** The common fields of the events for functions and for authorizers. */
export type RequestEvent = {
  version: "2.0";
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  pathParameters?: Record<string, string>;
  requestContext: Record<string, unknown>;
};

const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"];

/** Splits an HTTP request into its parts. */
export function readRequest(
  message: IncomingMessage,
  body: Buffer,
  receivedMs: number,
): HttpRequest {
  const [path = "/", queryString = ""] = (message.url ?? "/").split(/\?(.*)/s);
  const pairs = message.rawHeaders.flatMap((name, index, all): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), all[index + 1] ?? ""]] : [],
  );
  return {
    // The form of API Gateway's extended request ids.
    id: `${randomBytes(11).toString("base64url")}=`,
    method: message.method ?? "GET",
    path: decode(path),
    queryString,
    headers: pairs.filter(([name]) => !HOP_BY_HOP.includes(name)),
    sourceIp: message.socket.remoteAddress ?? "",
    body,
    receivedMs,
  };
}

/**
 * The event of payload format 2.0 without its body.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(
  request: HttpRequest,
  api: HttpApi,
  { route, pathParameters }: RouteMatch,
): RequestEvent {
  const { cookie, ...headers } = joinValues(request.headers);
  const query = joinValues([...new URLSearchParams(request.queryString)]);
  return {
    version: "2.0",
    routeKey: route.routeKey,
    rawPath: request.path,
    rawQueryString: request.queryString,
    ...(cookie && { cookies: cookie.split(/[;,]\s*/) }),
    headers: {
      ...headers,
      "x-forwarded-for": request.sourceIp,
      "x-forwarded-port": headers.host?.split(":")[1] ?? "80",
      "x-forwarded-proto": "http",
    },
    ...(request.queryString && { queryStringParameters: query }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: api.id,
      domainName: `${api.id}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: api.id,
      http: {
        method: request.method,
        path: request.path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.id,
      routeKey: route.routeKey,
      stage: api.stage,
      time: commonLogTime(request.receivedMs),
      timeEpoch: request.receivedMs,
    },
  };
}

/** The event for the function: the request with its body and the authorizer's context. */
export function functionEvent(
  event: RequestEvent,
  body: Buffer,
  authorizerContext: Record<string, unknown> | undefined,
) {
  const isText = isTextBody(event.headers, body);
  return {
    ...event,
    requestContext: {
      ...event.requestContext,
      ...(authorizerContext && { authorizer: { lambda: authorizerContext } }),
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The event for a Lambda authorizer, payload format 2.0. It never sees the body. */
export function authorizerEvent(event: RequestEvent, identitySource: string[]) {
  const { apiId, stage, http } = event.requestContext as {
    apiId: string;
    stage: string;
    http: { method: string };
  };
  return {
    ...event,
    type: "REQUEST",
    routeArn: `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${apiId}/${stage}/${http.method}${event.rawPath}`,
    identitySource: identitySource.length > 0 ? identitySource : null,
  };
}

function joinValues(pairs: [name: string, value: string][]): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** A body that is not UTF-8 is passed on in base64, under any media type. */
function isTextBody(headers: RequestEvent["headers"], body: Buffer): boolean {
  const isEncoded = headers["content-encoding"] !== undefined;
  return isTextType(headers["content-type"]) && !isEncoded && isUtf8(body);
}

function isTextType(contentType = ""): boolean {
  return /^\s*(text\/|application\/(json|javascript|xml)\b|[^;]+\+(json|xml)\b)/i.test(contentType);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Broken escapes stay as the client sent them.
    return path;
  }
}

/** `22/Nov/2026:03:14:07 +0000` */
function commonLogTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
