import type { HttpRequest } from "./request.ts";

type Headers = Readonly<Record<string, unknown>>;

interface WithHeaders {
  readonly headers?: Headers;
  readonly multiValueHeaders?: Headers;
}

/**
 * A stored response as the page of this request may read it. The first page's origin must not stay
 * in it: `Access-Control-Allow-Origin` for another page's origin is removed, so that the replay
 * allows no page that was not allowed, and a CORS middleware in front can decide for this page.
 * `Access-Control-Allow-Credentials` was part of the same decision and goes with it. `*` stays, and
 * so does everything else, because it names no page.
 *
 * A request without `Origin` comes from no page; its replay is the first response unchanged.
 *
 * @see https://fetch.spec.whatwg.org/#http-responses
 * @see https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
 */
export function forOrigin<Response extends WithHeaders>(
  response: Response,
  { header }: Pick<HttpRequest, "header">,
): Response {
  const origins = header("origin");
  if (origins.length === 0) return response;
  const { headers, multiValueHeaders } = response;
  return {
    ...response,
    ...(headers && { headers: readableBy(origins, headers, (values) => values.join(", ")) }),
    ...(multiValueHeaders && {
      multiValueHeaders: readableBy(origins, multiValueHeaders, (values) => values),
    }),
  };
}

/** @param written how this kind of headers holds several values. */
function readableBy(
  origins: readonly string[],
  headers: Headers,
  written: (values: readonly string[]) => unknown,
): Headers {
  const allowed = valuesOf(headers, "access-control-allow-origin");
  const names = (value: string) => value !== "*" && origins.some((origin) => origin !== value);
  if (!allowed.some(names)) return headers;
  // The response now depends on the origin, and a cache has to know.
  const vary = valuesOf(headers, "vary");
  const varies = vary.flatMap((value) => value.split(",")).map((name) => name.trim().toLowerCase());
  const isKnown = varies.includes("origin") || varies.includes("*");
  return {
    ...without(headers, ["access-control-allow-origin", "access-control-allow-credentials"]),
    ...(!isKnown && { [nameOf(headers, "vary") ?? "Vary"]: written([...vary, "Origin"]) }),
  };
}

function valuesOf(headers: Headers, name: string): readonly string[] {
  return Object.entries(headers)
    .filter(([given]) => given.toLowerCase() === name)
    .flatMap(([, value]) => value)
    .map(String);
}

function nameOf(headers: Headers, name: string): string | undefined {
  return Object.keys(headers).find((given) => given.toLowerCase() === name);
}

function without(headers: Headers, names: readonly string[]): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())),
  );
}
