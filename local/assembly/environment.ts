import { type Assembly, listFunctions } from "../assembly.ts";
import type { FunctionDefinition } from "../functions/definition.ts";

/**
 * Replaces values of variables that the template gives to functions: the URL of a service that runs
 * elsewhere when the stack is deployed.
 *
 * @throws for a variable that no function has, naming the variables that functions have.
 */
export function overrideVariables(assembly: Assembly, values: Record<string, string>): Assembly {
  const environments = listFunctions(assembly).map(({ environment }) => environment);
  const declared = new Set(environments.flatMap((environment) => Object.keys(environment)));
  const unknown = Object.keys(values).find((name) => !declared.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `No function of the stack has the variable ${unknown}; they have ${[...declared].sort().join(", ")}.`,
    );
  }

  const override = <Part extends { function: FunctionDefinition }>(part: Part): Part => {
    const { environment } = part.function;
    const overridden = Object.entries(values).filter(([name]) => Object.hasOwn(environment, name));
    const changed = { ...environment, ...Object.fromEntries(overridden) };
    return { ...part, function: { ...part.function, environment: changed } };
  };
  const { api, schedules, queueMappings } = assembly;
  const routes = api.routes.map(({ authorizer, ...route }) => ({
    ...override(route),
    ...(authorizer && { authorizer: override(authorizer) }),
  }));
  return {
    ...assembly,
    api: { ...api, routes },
    schedules: schedules.map(override),
    queueMappings: queueMappings.map(override),
  };
}
