/** The parts of an HTTP API's request that vary. */
export interface HttpEventParts {
  /** Method and path of the route, with the names of its parameters; `$default` has neither. */
  readonly route: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** The method of the request, if it is not the route's. */
  readonly method?: string;
  /** The path of the request, if it is not the route's with its parameters. */
  readonly path?: string;
  /** The query string, without the question mark. */
  readonly query?: string;
  /** With names in lower case, as an HTTP API passes them on. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The context of the authorizer. */
  readonly authorizer?: object;
  /** A text, or bytes; any other value is sent as JSON, with its content type. */
  readonly body?: unknown;
}

const JSON_HEADERS = { "content-type": "application/json" };

/** Creates the event of an HTTP API, payload format 2.0. */
export function createHttpEvent(parts: HttpEventParts) {
  const { route, pathParameters, query = "", headers, authorizer, body } = parts;
  const [routeMethod = "", pattern = ""] = route.split(" ");
  const fillIn = (_: string, name: string) => pathParameters?.[name] ?? "";
  const { method = routeMethod, path = pattern.replace(/\{(\w+)\}/g, fillIn) } = parts;
  const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  return {
    version: "2.0",
    routeKey: route,
    rawPath: path,
    rawQueryString: query,
    headers: { ...(!isRaw && JSON_HEADERS), ...headers } as Record<string, string>,
    requestContext: {
      routeKey: route,
      http: { method, path, protocol: "HTTP/1.1" },
      stage: "$default",
      ...(authorizer && { authorizer }),
    },
    ...(pathParameters && { pathParameters }),
    ...encodeBody(body),
  };
}

function encodeBody(body: unknown): { body?: string; isBase64Encoded: boolean } {
  if (body === undefined) return { isBase64Encoded: false };
  if (body instanceof Uint8Array) {
    return { body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
  }
  return { body: typeof body === "string" ? body : JSON.stringify(body), isBase64Encoded: false };
}
