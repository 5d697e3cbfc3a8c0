import { ConfigurationError } from "../errors.ts";

export const REJECTED_AFTER_STEPS =
  "reject: a step of this request has run, so it has begun, and to free its key would repeat the step. Return the response without reject().";

export const KEY_BEFORE_STEPS =
  "downstreamKey: this profile resumes, and no step has begun, so a completer would not know of the call. Call the other service in a step, under the step's own downstreamKey.";

export function uncommittedError(recordId: string): ConfigurationError {
  return new ConfigurationError(
    `idempotency: the handler of record ${recordId} ended without commit(), which this route requires (claimAt "commit", uncommitted "refuse"). Nothing was recorded. Commit, or set uncommitted: "record".`,
  );
}
