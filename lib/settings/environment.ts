import { isName } from "../checks/scope-name.ts";
import { ConfigurationError } from "../errors.ts";

/** Whether NODE_ENV is "development" or "test". */
export function isDevelopment(): boolean {
  return ["development", "test"].includes(String(process.env.NODE_ENV));
}

/**
 * The service in the environment variable IDEMPOTENCY_SERVICE.
 *
 * @throws ConfigurationError if the variable holds no name.
 */
export function serviceFromEnvironment(): string | undefined {
  const service = process.env.IDEMPOTENCY_SERVICE;
  if (service === undefined || service === "") return undefined;
  if (isName(service)) return service;
  throw new ConfigurationError(
    `idempotency: the environment variable IDEMPOTENCY_SERVICE is ${JSON.stringify(service)}; expected the name of the service.`,
  );
}
