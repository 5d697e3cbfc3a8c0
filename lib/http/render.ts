import type { HttpRequest } from "./request.ts";
import { type HttpResponse, withHeader, withoutHeaders } from "./response.ts";

/**
 * A response in the form that the event's version reads, so that a first answer and its replay are
 * the same to the client, whichever way each request has come:
 *
 * | | reads |
 * |---|---|
 * | REST API | `headers` and `multiValueHeaders` |
 * | HTTP API, function URL | `headers` and `cookies` |
 * | load balancer | `headers`; with multi-value headers turned on nothing but those |
 *
 * Rendering twice changes nothing.
 */
export function render(response: HttpResponse, request: HttpRequest): HttpResponse {
  if (request.answersInMultiValueHeaders) return inLists(response);
  switch (request.format) {
    case "http-api":
      return isSingle(response) ? response : inSingleHeaders(response, (cookies) => ({ cookies }));
    case "rest-api":
      return withCookieLists(response);
    // A load balancer, and any other gateway that reads single headers alone.
    default:
      return isSingle(response) && response.cookies === undefined
        ? response
        : inSingleHeaders(response, (cookies) => ({ headers: { [SET_COOKIE]: cookies.at(-1) } }));
  }
}

/** A replay with its marker. Nothing else is merged into it. */
export function renderMarked(
  response: HttpResponse,
  request: HttpRequest,
  marker: string | undefined,
): HttpResponse {
  return render(marker === undefined ? response : withHeader(response, marker, "true"), request);
}

const SET_COOKIE = "set-cookie";

/** All values of each header, by its name as it was written; cookies among them. */
function lists({ headers = {}, multiValueHeaders = {}, cookies = [] }: HttpResponse) {
  const found = new Map<string, { readonly name: string; readonly values: string[] }>();
  const add = (name: string, values: readonly unknown[]) => {
    const header = found.get(name.toLowerCase()) ?? { name, values: [] };
    header.values.push(...values.map(String));
    found.set(name.toLowerCase(), header);
  };
  // Where a header stands in both, its list is the whole of it.
  const listed = new Set(Object.keys(multiValueHeaders).map((name) => name.toLowerCase()));
  for (const [name, value] of Object.entries(headers)) {
    if (!listed.has(name.toLowerCase())) add(name, [value]);
  }
  for (const [name, values] of Object.entries(multiValueHeaders)) add(name, values);
  if (cookies.length > 0) add(SET_COOKIE, cookies);
  return found;
}

function inLists(response: HttpResponse): HttpResponse {
  const { headers: _, multiValueHeaders: __, cookies: ___, ...rest } = response;
  const all = [...lists(response).values()].map(({ name, values }) => [name, values]);
  return all.length === 0 ? rest : { ...rest, multiValueHeaders: Object.fromEntries(all) };
}

function withCookieLists(response: HttpResponse): HttpResponse {
  const { cookies, ...rest } = response;
  if (cookies === undefined) return response;
  const all = lists(response).get(SET_COOKIE);
  if (all === undefined) return rest;
  const others = withoutHeaders(rest, (name) => name === SET_COOKIE);
  return {
    ...others,
    multiValueHeaders: { ...others.multiValueHeaders, [all.name]: all.values },
  };
}

/** Whether the response's headers can be sent as they stand where each has one value. */
function isSingle({ headers = {}, multiValueHeaders }: HttpResponse): boolean {
  return (
    multiValueHeaders === undefined &&
    Object.keys(headers).every((name) => name.toLowerCase() !== SET_COOKIE)
  );
}

/** @param asCookies the form of cookies, which cannot be joined as other headers can. */
function inSingleHeaders(
  response: HttpResponse,
  asCookies: (cookies: readonly string[]) => object,
): HttpResponse {
  const { headers: _, multiValueHeaders: __, cookies: ___, ...rest } = response;
  const all = lists(response);
  const cookies = all.get(SET_COOKIE)?.values ?? [];
  all.delete(SET_COOKIE);
  const joined = [...all.values()].map(({ name, values }) => [name, values.join(", ")]);
  const form: { headers?: object } = cookies.length > 0 ? asCookies(cookies) : {};
  const headers = { ...Object.fromEntries(joined), ...form.headers };
  return { ...rest, ...form, ...(Object.keys(headers).length > 0 && { headers }) };
}
