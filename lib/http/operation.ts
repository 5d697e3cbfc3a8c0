import { CATCH_ALL, readParameter } from "./path.ts";

/** The method and the route of a request. */
interface RoutedRequest {
  readonly method: string;
  readonly route: string;
}

/**
 * The operation of a request without the option `operation`: its method and its route with the names
 * of the parameters erased, `POST /wallets/{}/transfers`. A renamed parameter therefore leaves the
 * operation unchanged. A greedy parameter stays distinct, as `{+}`.
 */
export function defaultOperation({ method, route }: RoutedRequest): string {
  if (route === CATCH_ALL) return `${method} ${CATCH_ALL}`;
  return route.includes("{") ? route.split("/").map(eraseParameter).join("/") : route;
}

/** Whether one route serves many paths, and therefore does not show the operation. */
export function isCatchAll({ route }: Pick<RoutedRequest, "route">): boolean {
  if (!route.includes("{")) return route === CATCH_ALL;
  return route.split("/").some((one) => readParameter(one)?.isGreedy === true);
}

function eraseParameter(segment: string): string {
  const parameter = readParameter(segment);
  if (parameter === undefined) return segment;
  return parameter.isGreedy ? "{+}" : "{}";
}
