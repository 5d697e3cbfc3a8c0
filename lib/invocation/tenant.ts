import { checkName } from "../checks/scope-name.ts";
import type { InvocationContext } from "../context.ts";
import { ConfigurationError } from "../errors.ts";
import type { CoreSettings } from "../settings/settings.ts";

/** In the ids of records of a function with a single tenant. It must never change. */
export const SINGLE_TENANT = "the only tenant";

/**
 * Finds the authenticated principal of a request.
 *
 * @param hint the expected value, for the message.
 * @returns `undefined` if the function has a single tenant.
 * @throws ConfigurationError if the option `tenant` returns no name, or the reserved one.
 * @throws the error of the option `tenant`.
 */
export async function findTenant(
  settings: Pick<CoreSettings, "tenant">,
  input: unknown,
  invocation: InvocationContext,
  hint: string,
): Promise<string | undefined> {
  if (settings.tenant === undefined) return undefined;
  const tenant = checkName("tenant", await settings.tenant(input, invocation), hint);
  if (tenant !== SINGLE_TENANT) return tenant;
  throw new ConfigurationError(
    `idempotency: tenant returned ${JSON.stringify(tenant)}, the name that the layer gives to the tenant of functions with singleTenant: true. Its requests would share records with theirs. Nothing was executed. Give this principal another name, for example with a prefix.`,
  );
}
