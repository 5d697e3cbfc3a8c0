import type { InvocationContext } from "../context.ts";
import { defaultOperation, isCatchAll } from "../http/operation.ts";
import type { HttpRequest } from "../http/request.ts";
import type { Scope } from "../protocol/key.ts";
import type { Settings } from "../settings/settings.ts";
import { checkName } from "./scope-name.ts";

/**
 * The authenticated principal of a request.
 *
 * @throws ConfigurationError if the option `tenant` gives no name; or its own error.
 */
export async function findTenant(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
): Promise<string> {
  return checkName(
    "tenant",
    await settings.tenant(event, invocation),
    "the id of the authenticated principal. Does the route have an authorizer?",
  );
}

/**
 * The space in which the keys of a request are unique, for its tenant. An operation that the option
 * names always counts; without it the profile says whether the route does.
 *
 * @throws ConfigurationError if the option `operation` gives no name; or its own error.
 */
export async function findSpace(
  settings: Settings,
  event: unknown,
  { functionName }: InvocationContext,
  request: HttpRequest,
): Promise<Pick<Scope, "operation" | "service" | "kind">> {
  const { profile, service } = settings;
  const operation = settings.namesOperation
    ? checkName("operation", await settings.operation(event, ""), "the name of what is being done.")
    : undefined;
  if (profile.scope === "tenant") return { operation };
  if (profile.scope !== "route") return { operation, kind: profile.scope.kind };
  if (operation !== undefined) return { operation, service };
  adviseOnRoute(settings, request);
  return {
    operation: defaultOperation(request),
    service: service ?? readFunctionName(settings, functionName),
  };
}

function adviseOnRoute({ advise }: Settings, request: HttpRequest): void {
  if (!isCatchAll(request)) return;
  advise(
    "route_is_catch_all",
    `The route "${request.route}" serves many paths, so one key on two of them is a mismatch, and a path that gets a route of its own forgets its keys. Give the option operation: a name, or a function of the event that tells what is being done.`,
  );
}

function readFunctionName({ advise }: Settings, functionName: string | undefined): string {
  const name = functionName || process.env.AWS_LAMBDA_FUNCTION_NAME || "";
  if (name !== "") {
    advise(
      "service_is_function_name",
      `The name of the function, "${name}", is part of its idempotency keys and must never change after go-live: under another name every retry would execute again. Give the option service, the environment variable IDEMPOTENCY_SERVICE or the option operation to be free of it.`,
    );
  }
  return name;
}
