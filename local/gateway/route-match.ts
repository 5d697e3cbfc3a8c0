import type { Route } from "../assembly/http-api.ts";

/** The route of a request, with the values of its path parameters. */
export type RouteMatch = { route: Route; pathParameters: Record<string, string> };

/**
 * Finds the route of a request as an HTTP API does: the most specific path first (literal segments
 * before `{parameters}` before a greedy `{parameter+}`), its method before `ANY`, and `$default` last.
 */
export function matchRoute(routes: Route[], method: string, path: string): RouteMatch | undefined {
  const matches = routes.flatMap((route) => {
    if (route.routeKey === "$default") return { route, pathParameters: {}, rank: "9" };
    const [routeMethod = "", pattern = ""] = route.routeKey.split(" ");
    if (routeMethod !== method && routeMethod !== "ANY") return [];
    const pathParameters = matchPath(pattern, path);
    const rank = rankPattern(pattern) + (routeMethod === "ANY" ? "1" : "0");
    return pathParameters ? { route, pathParameters, rank } : [];
  });
  return matches.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split("/");
  const actual = path.split("/");
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const [, name = "", greedy] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? [];
    const value = greedy ? actual.slice(index).join("/") : actual[index];
    if (value === undefined || (name && value === "")) return undefined;
    if (!name && value !== segment) return undefined;
    if (name) parameters[name] = value;
    if (greedy) return parameters;
  }
  return expected.length === actual.length ? parameters : undefined;
}

/** A text that sorts more specific patterns first, segment by segment. */
function rankPattern(pattern: string): string {
  return pattern
    .split("/")
    .map((segment) => (segment.endsWith("+}") ? "2" : segment.startsWith("{") ? "1" : "0"))
    .join("");
}
