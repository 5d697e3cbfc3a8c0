import type { InvocationContext } from "../../context.ts";
import { RecordError } from "../../errors.ts";
import type { ClaimPlan, Identity, RefusedRequest } from "../../invocation/surface.ts";
import { findTenant, SINGLE_TENANT } from "../../invocation/tenant.ts";
import type { Profile } from "../../profiles/profile.ts";
import type { Compared } from "../../protocol/comparison.ts";
import { recordId } from "../../protocol/key.ts";
import { uniqueText } from "../../protocol/unique.ts";
import type { Settings } from "../../settings/settings.ts";
import { readBodyHeaders } from "../body.ts";
import { findKey } from "../idempotency-key.ts";
import { type HttpRequest, readHead, withBody } from "../request.ts";
import type { HttpResponse } from "../response.ts";
import { type Completion, completionIn } from "./completion-event.ts";
import { checkKeptText, refuseAuthorizer } from "./kept-request.ts";
import { findSpace } from "./scope.ts";

/** The record of a request, and when the request claims it. */
export interface HttpIdentity
  extends Pick<Identity<HttpResponse>, "key" | "tenant" | "recordId" | "compared" | "claim"> {
  readonly request: HttpRequest;
  /** The profile of the route, or as much of it as holds for this request. */
  readonly profile: Profile;
}

/** A request that is refused before any record is looked at. */
export type RefusedHttpRequest = Omit<RefusedRequest<HttpResponse>, "outputs"> & {
  readonly request: HttpRequest;
};

/**
 * Finds the record that a request is about, from its tenant, operation and key.
 *
 * @param invocationId the platform's id of this invocation.
 * @throws ConfigurationError if the event is no HTTP request or has no tenant, and the errors of the
 *   options `tenant` and `operation`.
 */
export async function identify(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
  invocationId: string | undefined,
): Promise<HttpIdentity | RefusedHttpRequest> {
  const { profile, tools, secrets, claimAt } = settings;
  const head = readHead(event);
  const completion = completionIn(event);
  // A completer's event is about an existing record, even if the profile's methods have changed since.
  if (completion === undefined && !profile.methods.includes(head.method)) {
    return keyless(head, {
      at: "commit only",
      whyNoSteps: `the profile ${profile.name} is about ${profile.methods.join(", ")}`,
    });
  }
  const request = withBody(head, event);
  const body = readBodyHeaders(request);
  const compared = () => settings.compare(request, body);

  if (completion !== undefined) {
    const found = await identifyCompletion(settings, event, invocation, completion, compared);
    const { recordId } = completion;
    if ("fault" in found) return refuseCompletion(request, recordId, found.fault);
    return { request, key: undefined, recordId, profile, ...found };
  }
  const tenant = await findTenant(settings, event, invocation, PRINCIPAL);
  const found = findKey(request, body, profile);
  if (found.kind === "refuse") return { request, tenant, refusal: found.refusal };
  if (found.kind === "none") {
    // Steps, and a completer that finishes them, need a record, although no repeat can find it.
    return profile.interrupted === "resume" && claimAt === "start"
      ? // Stryker disable next-line StringLiteral: no other record has this id to take over
        { ...keyless(request, { at: "start", takeover: "never" }, tenant), compared: compared() }
      : keyless(request, { at: "commit only", whyNoSteps: NEEDS_RESUMING }, tenant);
  }
  const { key } = found;
  const space = await findSpace(settings, event, invocation, request);
  return {
    request,
    key,
    tenant,
    recordId: recordId({ tenant: tenant ?? SINGLE_TENANT, ...space, key }, secrets.ids),
    compared: compared(),
    profile,
    claim: { at: claimAt },
  };

  /** A request that no other request repeats. */
  function keyless(request: HttpRequest, claim: ClaimPlan, tenant?: string): HttpIdentity {
    return {
      request,
      key: undefined,
      tenant,
      recordId: uniqueText("keyless record id", tools, { invocationId }),
      // Stryker disable next-line StringLiteral: no repeat is ever compared with it
      compared: { fingerprint: "" },
      profile: { ...profile, retention: NO_RETENTION },
      claim,
    };
  }
}

/**
 * Finds the tenant and the fingerprint of a request that a completer sends. An event that is bound to its
 * record claims by the record's own fingerprint: the event has no query, and the rules of the fingerprint
 * may have changed since.
 *
 * An event that version 0.1.0 has kept is not bound, and stands in records of version 1 alone. It has to
 * match the fingerprint, as it had to then: with a secret, an HMAC over method, path and body. The claim
 * binds it, so that it is taken once.
 */
async function identifyCompletion(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
  { recordId, fingerprint, version = 1, kept: text }: Completion,
  compared: () => Compared,
): Promise<Pick<HttpIdentity, "tenant" | "compared" | "claim"> | { readonly fault: string }> {
  const claim = { at: "start", takeover: "only" } as const;
  if (text === undefined) {
    if (version !== 1) return { fault: NOT_BOUND };
    const tenant = await findKeptTenant(settings, event, invocation);
    return { tenant, compared: compared(), claim };
  }
  if (fingerprint === undefined) return { fault: NO_FINGERPRINT };
  const checked = checkKeptText(settings, event, { recordId, fingerprint, text });
  if ("fault" in checked) return checked;
  refuseAuthorizer(event as object);
  return { ...checked, compared: { fingerprint }, claim: { ...claim, isKept: true } };
}

/**
 * The tenant of an event that version 0.1.0 has kept. It did not ask for the tenant again, so an event in
 * which the tenant is missing has to be finished as well. The option's own errors may pass.
 */
async function findKeptTenant(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
): Promise<string | undefined> {
  try {
    return await findTenant(settings, event, invocation, PRINCIPAL);
  } catch (error) {
    if ((error as Error | undefined)?.name === "IdempotencyConfigurationError") return undefined;
    throw error;
  }
}

const NOT_BOUND =
  "its event is not bound to it, as every event is that was kept with a record of this version. Nothing was executed, and the record stays.";

const NO_FINGERPRINT =
  "the completer has not sent its fingerprint. Nothing was executed, and the record stays. Deploy the completer and the function with one version of the library.";

function refuseCompletion(
  request: HttpRequest,
  recordId: string,
  fault: string,
): RefusedHttpRequest {
  const cause = new RecordError(`The completer cannot finish the record ${recordId}: ${fault}`);
  return { request, tenant: undefined, recordId, refusal: { code: "record_unreadable", cause } };
}

const PRINCIPAL = "the id of the authenticated principal. Does the route have an authorizer?";

/** No client can ask for the response again. */
const NO_RETENTION = { seconds: 0, from: "completion" } as const;

const NEEDS_RESUMING = 'step() needs a profile that resumes: orzcash(), or interrupted: "resume"';
