import type { HttpRequest } from "./request.ts";
import { type HttpResponse, headerValues, withoutHeaders } from "./response.ts";

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
export function forOrigin(
  response: HttpResponse,
  { header }: Pick<HttpRequest, "header">,
): HttpResponse {
  const origins = header("origin");
  const { headers = {}, multiValueHeaders = {} } = response;
  const forms = [{ headers }, { multiValueHeaders }];
  const allowed = forms.flatMap((form) => headerValues(form, ALLOWED));
  const names = (value: string) => value !== "*" && origins.some((origin) => origin !== value);
  if (!allowed.some(names)) return response;
  return varyingByOrigin(
    withoutHeaders(response, (name) => name === ALLOWED || name === WITH_CREDENTIALS),
  );
}

const ALLOWED = "access-control-allow-origin";
const WITH_CREDENTIALS = "access-control-allow-credentials";

/** The response now depends on the origin, and a cache has to know. */
function varyingByOrigin(response: HttpResponse): HttpResponse {
  const vary = headerValues(response, "vary");
  const varies = vary.flatMap((value) => value.split(",")).map((name) => name.trim().toLowerCase());
  if (varies.includes("origin") || varies.includes("*")) return response;
  const { headers, multiValueHeaders } = response;
  const all = [...vary, "Origin"];
  const listed = varyIn(multiValueHeaders);
  // Where a header stands in both forms, its list is the whole of it.
  return listed !== undefined || headers === undefined
    ? { ...response, multiValueHeaders: { ...multiValueHeaders, [listed ?? "Vary"]: all } }
    : { ...response, headers: { ...headers, [varyIn(headers) ?? "Vary"]: all.join(", ") } };
}

/** The name of the header as it was written. */
function varyIn(headers: object = {}): string | undefined {
  return Object.keys(headers).find((given) => given.toLowerCase() === "vary");
}
