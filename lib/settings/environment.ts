import { ConfigurationError } from "../errors.ts";
import { isName } from "../invocation/scope-name.ts";

/** Whether the function runs on a developer's machine, or in tests: NODE_ENV says so. */
export function isDevelopment(): boolean {
  return ["development", "test"].includes(String(process.env.NODE_ENV));
}

/**
 * The service that IDEMPOTENCY_SERVICE names.
 *
 * @throws ConfigurationError if it holds no name.
 */
export function serviceFromEnvironment(): string | undefined {
  const service = process.env.IDEMPOTENCY_SERVICE;
  if (service === undefined || service === "") return undefined;
  if (isName(service)) return service;
  throw new ConfigurationError(
    `idempotency: the environment variable IDEMPOTENCY_SERVICE is ${JSON.stringify(service)}; expected the name of the service.`,
  );
}
