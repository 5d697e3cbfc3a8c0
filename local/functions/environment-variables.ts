import { REGION } from "../assembly/pseudo-parameters.ts";
import type { FunctionDefinition } from "./definition.ts";

/**
 * The environment of a function's process: the variables of Lambda and of the template. Of this
 * machine's variables it has only PATH, so that a function cannot come to depend on the machine.
 */
export function environmentVariables(
  definition: FunctionDefinition,
  local: Record<string, string>,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    // Engines require a signature and accept any signature.
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: definition.codeFolder,
    _HANDLER: definition.handler,
    ...definition.environment,
    ...local,
  };
}
