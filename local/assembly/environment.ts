import type { FunctionDefinition } from "../functions/definition.ts";
import type { HttpApi } from "./http-api.ts";

/**
 * Replaces values of variables that the template gives to the functions behind an API: the URL of a
 * service that runs elsewhere when the stack is deployed.
 *
 * @throws for a variable that no function has, naming the variables that functions have.
 */
export function overrideVariables(api: HttpApi, values: Record<string, string>): HttpApi {
  const declared = new Set<string>();
  const override = (definition: FunctionDefinition): FunctionDefinition => {
    const names = Object.keys(definition.environment);
    for (const name of names) declared.add(name);
    const overridden = Object.entries(values).filter(([name]) => names.includes(name));
    const environment = { ...definition.environment, ...Object.fromEntries(overridden) };
    return { ...definition, environment };
  };
  const routes = api.routes.map(({ function: target, authorizer, ...route }) => ({
    ...route,
    function: override(target),
    ...(authorizer && {
      authorizer: { ...authorizer, function: override(authorizer.function) },
    }),
  }));

  const unknown = Object.keys(values).find((name) => !declared.has(name));
  if (unknown === undefined) return { ...api, routes };
  throw new Error(
    `No function behind the API has the variable ${unknown}; they have ${[...declared].sort().join(", ")}.`,
  );
}
