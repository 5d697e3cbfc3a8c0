/** A response as the client receives it: status, headers by lower-cased name, cookies and bytes. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** The gateway between a function and its client. */
export type Gateway = "http-api" | "rest-api" | "alb" | "alb-lists";

type Json = Record<string, unknown>;

/**
 * Turns a handler's result into the gateway's response, as the AWS documentation describes it and
 * without the code under test.
 */
export function receive(gateway: Gateway, result: unknown): Received {
  const text = toText(result);
  const value = text === undefined ? undefined : JSON.parse(text);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (value !== undefined && gateway === "http-api" && !(isObject && "statusCode" in value)) {
    const body = Buffer.from(typeof value === "string" ? value : (text as string));
    return received(200, { "content-type": "application/json" }, [], body.toString("latin1"));
  }
  return isObject && isResponse(value) ? readResponse(gateway, value) : failure(gateway);
}

/** The text that Lambda's runtime posts. */
function toText(result: unknown): string | undefined {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch {
    return undefined;
  }
}

function isResponse({ statusCode, body, headers, multiValueHeaders }: Json): boolean {
  const status = typeof statusCode === "string" ? Number(statusCode) : statusCode;
  const isValue = (one: unknown) => ["string", "number", "boolean"].includes(typeof one);
  return (
    Number.isInteger(status) &&
    (status as number) >= 100 &&
    (status as number) <= 599 &&
    (body === undefined || body === null || typeof body === "string") &&
    !Array.isArray(headers) &&
    Object.values((headers as Json) ?? {}).every(isValue) &&
    Object.values((multiValueHeaders as Json) ?? {}).every(
      (list) => Array.isArray(list) && list.every(isValue),
    )
  );
}

function readResponse(gateway: Gateway, value: Json): Received {
  const single = Object.entries((value.headers as Record<string, unknown>) ?? {}).map(
    ([name, one]) => [name, [one]] as const,
  );
  const lists = Object.entries((value.multiValueHeaders as Record<string, unknown[]>) ?? {});
  const listed = new Set(lists.map(([name]) => name.toLowerCase()));
  const unlisted = single.filter(([name]) => !listed.has(name.toLowerCase()));
  const lines = {
    "http-api": single,
    alb: single,
    "alb-lists": lists,
    "rest-api": [...unlisted, ...lists],
  }[gateway];
  const cookies = gateway === "http-api" ? ((value.cookies as string[]) ?? []) : [];
  const bytes = Buffer.from(
    (value.body as string) ?? "",
    value.isBase64Encoded === true ? "base64" : "utf8",
  );
  const headers: Record<string, string[]> = {};
  const sentCookies: string[] = [];
  for (const [name, values] of lines) {
    const texts = values.map(String);
    if (name.toLowerCase() === "set-cookie") sentCookies.push(...texts);
    else headers[name.toLowerCase()] = [...(headers[name.toLowerCase()] ?? []), ...texts];
  }
  const joined = Object.entries(headers).map(([name, texts]) => [name, texts.join(", ")]);
  return received(
    Number(value.statusCode),
    Object.fromEntries(joined),
    [...sentCookies, ...cookies],
    bytes.toString("latin1"),
  );
}

function failure(gateway: Gateway): Received {
  const json = { "content-type": "application/json" };
  if (gateway === "http-api") return received(500, json, [], '{"message":"Internal Server Error"}');
  if (gateway === "rest-api")
    return received(502, json, [], '{"message": "Internal server error"}');
  const page = "<center><h1>502 Bad Gateway</h1></center>";
  const head = "<html>\r\n<head><title>502 Bad Gateway</title></head>";
  return received(
    502,
    { "content-type": "text/html" },
    [],
    `${head}\r\n<body>\r\n${page}\r\n</body>\r\n</html>\r\n`,
  );
}

function received(
  status: number,
  headers: Record<string, string>,
  cookies: readonly string[],
  body: string,
): Received {
  return { status, headers, cookies, body };
}
