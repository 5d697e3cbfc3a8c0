import type { HttpRequest } from "./request.ts";
import { type HttpResponse, headerValues, withoutHeaders } from "./response.ts";

/**
 * Adapts a stored response to the page that sent this request. `Access-Control-Allow-Origin` with
 * another page's origin is removed: the replay then allows no new page, and a CORS middleware in
 * front can decide for this page. `Access-Control-Allow-Credentials` was part of the same decision
 * and is removed with it. `*` and all other headers name no page and stay.
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
  return varyByOrigin(
    withoutHeaders(response, (name) => name === ALLOWED || name === WITH_CREDENTIALS),
  );
}

const ALLOWED = "access-control-allow-origin";
const WITH_CREDENTIALS = "access-control-allow-credentials";

/** The response now depends on the origin, so caches must distinguish by it. */
function varyByOrigin(response: HttpResponse): HttpResponse {
  const vary = headerValues(response, "vary");
  const varies = vary.flatMap((value) => value.split(",")).map((name) => name.trim().toLowerCase());
  if (varies.includes("origin") || varies.includes("*")) return response;
  const { headers, multiValueHeaders } = response;
  const all = [...vary, "Origin"];
  const listed = findVaryName(multiValueHeaders);
  // A header in both forms: the list has all its values.
  return listed !== undefined || headers === undefined
    ? { ...response, multiValueHeaders: { ...multiValueHeaders, [listed ?? "Vary"]: all } }
    : { ...response, headers: { ...headers, [findVaryName(headers) ?? "Vary"]: all.join(", ") } };
}

/** The name of the header in the spelling of the response. */
function findVaryName(headers: object = {}): string | undefined {
  return Object.keys(headers).find((given) => given.toLowerCase() === "vary");
}
