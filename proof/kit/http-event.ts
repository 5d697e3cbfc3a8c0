/** The parts of an HTTP API's request that vary. */
export interface HttpEventParts {
  /** Method and path of the route, with the names of its parameters. */
  readonly route: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The context of the authorizer. */
  readonly authorizer?: object;
  /** A text, or a value that is sent as JSON. */
  readonly body?: unknown;
}

/** Creates the event of an HTTP API, payload format 2.0. The body is JSON, unless the headers say otherwise. */
export function createHttpEvent({
  route,
  pathParameters,
  headers,
  authorizer,
  body,
}: HttpEventParts) {
  const [method = "", pattern = ""] = route.split(" ");
  const path = pattern.replace(/\{(\w+)\}/g, (_, name) => pathParameters?.[name] ?? "");
  return {
    version: "2.0",
    routeKey: route,
    rawPath: path,
    rawQueryString: "",
    headers: { "content-type": "application/json", ...headers },
    requestContext: {
      routeKey: route,
      http: { method, path },
      ...(authorizer && { authorizer }),
    },
    isBase64Encoded: false,
    ...(pathParameters && { pathParameters }),
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
}
