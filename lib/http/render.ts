import type { HttpRequest } from "./request.ts";
import { type HttpResponse, withHeader, withoutHeaders } from "./response.ts";

/**
 * Renders a response in the form that the gateway of this event reads. The first response and its
 * replay are then the same to the client, even if the two requests came through different gateways:
 *
 * | gateway | reads |
 * |---|---|
 * | REST API | `headers` and `multiValueHeaders` |
 * | HTTP API, function URL | `headers` and `cookies` |
 * | load balancer | `headers`; with multi-value headers enabled only `multiValueHeaders` |
 * | VPC Lattice | `headers` |
 *
 * Rendering twice changes nothing.
 */
export function render(response: HttpResponse, request: HttpRequest): HttpResponse {
  if (request.readsMultiValueHeadersOnly) return renderLists(response);
  switch (request.format) {
    case "http-api":
      return isSingle(response)
        ? response
        : renderSingleHeaders(response, (cookies) => ({ cookies }));
    case "rest-api":
      return withCookieLists(response);
    // A load balancer or VPC Lattice, which read single headers only.
    default:
      return isSingle(response) && response.cookies === undefined
        ? response
        : renderSingleHeaders(response, (cookies) => ({
            headers: { [SET_COOKIE]: cookies.at(-1) },
          }));
  }
}

/** A replay with its marker header and no other change. */
export function renderMarked(
  response: HttpResponse,
  request: HttpRequest,
  marker: string | undefined,
): HttpResponse {
  return render(marker === undefined ? response : withHeader(response, marker, "true"), request);
}

const SET_COOKIE = "set-cookie";

/** All values of each header, cookies included, with the name in the response's spelling. */
function collectValues({ headers = {}, multiValueHeaders = {}, cookies = [] }: HttpResponse) {
  const found = new Map<string, { readonly name: string; readonly values: string[] }>();
  const add = (name: string, values: readonly unknown[]) => {
    const header = found.get(name.toLowerCase()) ?? { name, values: [] };
    header.values.push(...values.map(String));
    found.set(name.toLowerCase(), header);
  };
  // A header in both forms: the list has all its values.
  const listed = new Set(Object.keys(multiValueHeaders).map((name) => name.toLowerCase()));
  for (const [name, value] of Object.entries(headers)) {
    if (!listed.has(name.toLowerCase())) add(name, [value]);
  }
  for (const [name, values] of Object.entries(multiValueHeaders)) add(name, values);
  if (cookies.length > 0) add(SET_COOKIE, cookies);
  return found;
}

function renderLists(response: HttpResponse): HttpResponse {
  const { headers: _, multiValueHeaders: __, cookies: ___, ...rest } = response;
  const all = [...collectValues(response).values()].map(({ name, values }) => [name, values]);
  return all.length === 0 ? rest : { ...rest, multiValueHeaders: Object.fromEntries(all) };
}

function withCookieLists(response: HttpResponse): HttpResponse {
  const { cookies, ...rest } = response;
  if (cookies === undefined) return response;
  const all = collectValues(response).get(SET_COOKIE);
  if (all === undefined) return rest;
  const others = withoutHeaders(rest, (name) => name === SET_COOKIE);
  return {
    ...others,
    multiValueHeaders: { ...others.multiValueHeaders, [all.name]: all.values },
  };
}

/** Whether single headers can carry the response unchanged. */
function isSingle({ headers = {}, multiValueHeaders }: HttpResponse): boolean {
  return (
    multiValueHeaders === undefined &&
    Object.keys(headers).every((name) => name.toLowerCase() !== SET_COOKIE)
  );
}

/** @param asCookies the form of the cookies, which unlike other headers cannot be joined. */
function renderSingleHeaders(
  response: HttpResponse,
  asCookies: (cookies: readonly string[]) => object,
): HttpResponse {
  const { headers: _, multiValueHeaders: __, cookies: ___, ...rest } = response;
  const all = collectValues(response);
  const cookies = all.get(SET_COOKIE)?.values ?? [];
  all.delete(SET_COOKIE);
  const joined = [...all.values()].map(({ name, values }) => [name, values.join(", ")]);
  const form: { headers?: object } = cookies.length > 0 ? asCookies(cookies) : {};
  const headers = { ...Object.fromEntries(joined), ...form.headers };
  return { ...rest, ...form, ...(Object.keys(headers).length > 0 && { headers }) };
}
