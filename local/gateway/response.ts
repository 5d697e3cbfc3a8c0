/** A response to the client. */
export type HttpResponse = {
  status: number;
  headers: Record<string, string | string[]>;
  body: string | Buffer;
};

type StructuredResult = {
  statusCode: number;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string | null;
  isBase64Encoded?: boolean;
};

/** A response of API Gateway itself. */
export function gatewayMessage(status: number, message: string): HttpResponse {
  const body = JSON.stringify({ message });
  return { status, headers: { "content-type": "application/json" }, body };
}

/**
 * Turns a function's result (JSON) into a response. An object with a `statusCode` is a structured
 * response, or a 500 if it is malformed; any other JSON value is the body of a 200. A text that is
 * not JSON is a 500.
 */
export function toResponse(payload: string): HttpResponse {
  const result = parse(payload);
  if (result === undefined) return gatewayMessage(500, "Internal Server Error");
  if (!isRecord(result.value) || !("statusCode" in result.value))
    return inferResponse(result.value);
  if (!isStructured(result.value)) return gatewayMessage(500, "Internal Server Error");
  const { statusCode, headers = {}, cookies, body, isBase64Encoded } = result.value;
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain;charset=utf-8",
      ...Object.fromEntries(named),
      ...(cookies && { "set-cookie": cookies }),
    },
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  };
}

function inferResponse(value: unknown): HttpResponse {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

function isStructured(value: Record<string, unknown>): value is StructuredResult {
  const { statusCode, headers, cookies, body } = value;
  const isStatus = Number.isInteger(statusCode) && Number(statusCode) >= 100;
  return (
    isStatus &&
    Number(statusCode) <= 599 &&
    (headers === undefined || headers === null || isRecord(headers)) &&
    (cookies === undefined || Array.isArray(cookies)) &&
    (body === undefined || body === null || typeof body === "string")
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(payload: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(payload) };
  } catch {
    return undefined;
  }
}
