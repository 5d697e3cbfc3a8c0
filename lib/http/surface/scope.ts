import { checkName } from "../../checks/scope-name.ts";
import type { InvocationContext } from "../../context.ts";
import { readInvocation } from "../../invocation/durable.ts";
import type { Scope } from "../../protocol/key.ts";
import type { Settings } from "../../settings/settings.ts";
import { defaultOperation, isCatchAll } from "../operation.ts";
import type { HttpRequest } from "../request.ts";

/**
 * Finds the space in which the keys of a request are unique within its tenant. The option `operation`
 * always counts; without it, the route counts if the profile's scope is the route.
 *
 * @throws ConfigurationError if the option `operation` returns no name.
 * @throws the error of the option `operation`.
 */
export async function findSpace(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
  request: HttpRequest,
): Promise<Pick<Scope, "operation" | "service" | "kind">> {
  const { profile, service } = settings;
  const operation = settings.namesOperation
    ? checkName(
        "operation",
        await settings.operation(event, ""),
        'the name of the operation, for example "create transfer".',
      )
    : undefined;
  if (profile.scope === "tenant") return { operation };
  if (profile.scope !== "route") return { operation, kind: profile.scope.kind };
  if (operation !== undefined) return { operation, service };
  adviseOnRoute(settings, request);
  return {
    operation: defaultOperation(request),
    service: service ?? readFunctionName(settings, readInvocation(invocation)),
  };
}

function adviseOnRoute({ advise }: Settings, request: HttpRequest): void {
  if (!isCatchAll(request)) return;
  advise(
    "route_is_catch_all",
    `The route "${request.route}" serves many paths: one key on two of them is a mismatch, and a path that later gets its own route loses its keys. Give the option operation: a name, or a function of the event that returns the name of the operation.`,
  );
}

function readFunctionName(
  { advise }: Settings,
  { functionName }: Pick<InvocationContext, "functionName">,
): string {
  const name = functionName || process.env.AWS_LAMBDA_FUNCTION_NAME || "";
  if (name !== "") {
    advise(
      "service_is_function_name",
      `The name of the function, "${name}", is part of its idempotency keys and must never change after go-live: under another name every retry would execute again. To be free to rename the function, give the option service, the environment variable IDEMPOTENCY_SERVICE or the option operation.`,
    );
  }
  return name;
}
