import { CATCH_ALL, readParameter } from "./path.ts";

/** The method of a request, and the route on which it came. */
interface Routed {
  readonly method: string;
  readonly route: string;
}

/**
 * The operation of a request, where the option `operation` does not name it: its method and its
 * route with the names of parameters erased, `POST /wallets/{}/transfers`. To rename a parameter
 * changes no operation; a greedy one stays told apart, as `{+}`.
 */
export function defaultOperation({ method, route }: Routed): string {
  if (route === CATCH_ALL) return `${method} ${CATCH_ALL}`;
  return route.includes("{") ? route.split("/").map(erased).join("/") : route;
}

/** Whether the route serves more paths than one: what they do cannot be known from it. */
export function isCatchAll({ route }: Pick<Routed, "route">): boolean {
  if (!route.includes("{")) return route === CATCH_ALL;
  return route.split("/").some((one) => readParameter(one)?.isGreedy === true);
}

function erased(segment: string): string {
  const parameter = readParameter(segment);
  if (parameter === undefined) return segment;
  return parameter.isGreedy ? "{+}" : "{}";
}
