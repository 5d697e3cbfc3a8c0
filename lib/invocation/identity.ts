import type { InvocationContext } from "../context.ts";
import type { Refusal } from "../errors.ts";
import { readBodyHeaders } from "../http/body.ts";
import { fingerprint } from "../http/fingerprint.ts";
import { findKey } from "../http/idempotency-key.ts";
import { type HttpRequest, readHead, withBody } from "../http/request.ts";
import type { Profile } from "../profiles/profile.ts";
import { recordId } from "../protocol/key.ts";
import { uniqueText } from "../protocol/unique.ts";
import type { Settings } from "../settings/settings.ts";
import { completionIn } from "./completion-event.ts";
import { findSpace, findTenant } from "./scope.ts";

/** The record of a request, and when the request claims it. */
export interface Identity {
  readonly request: HttpRequest;
  /** The client's key; `undefined` = none was sent, or a completer sends the request. */
  readonly key: string | undefined;
  readonly recordId: string;
  readonly fingerprint: string;
  /** The profile of the route, or as much of it as holds for this request. */
  readonly profile: Profile;
  readonly claim: ClaimPlan;
}

/** When the record of a request is claimed. */
export type ClaimPlan =
  /**
   * Before the handler runs. `takeover` replaces the contract's rule: `"only"` = a completer resumes
   * abandoned work and begins none; `"never"` = no other request can find the record.
   */
  | { readonly at: "start"; readonly takeover?: "only" | "never" }
  /** By the write that completes the record. */
  | { readonly at: "commit" }
  /** By a commit alone. No repeat can find the record, so nothing else is recorded. */
  | { readonly at: "commit only"; readonly whyNoSteps: string };

/** A request that is refused before any record is looked at. */
export interface RefusedRequest {
  readonly request: HttpRequest;
  readonly refusal: Refusal;
}

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
): Promise<Identity | RefusedRequest> {
  const { profile, tools, secret, claimAt } = settings;
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
  const compared = () => fingerprint(request, body, profile.fingerprint, secret);

  if (completion !== undefined) {
    const claim = { at: "start", takeover: "only" } as const;
    const { recordId } = completion;
    return { request, key: undefined, recordId, fingerprint: compared(), profile, claim };
  }
  const tenant = await findTenant(settings, event, invocation);
  const found = findKey(request, body, profile);
  if (found.kind === "refuse") return { request, refusal: found.refusal };
  if (found.kind === "none") {
    // Steps, and a completer that finishes them, need a record, although no repeat can find it.
    return profile.interrupted === "resume" && claimAt === "start"
      ? { ...keyless(request, { at: "start", takeover: "never" }), fingerprint: compared() }
      : keyless(request, { at: "commit only", whyNoSteps: NEEDS_RESUMING });
  }
  const { key } = found;
  const space = await findSpace(settings, event, invocation, request);
  return {
    request,
    key,
    recordId: recordId({ tenant, ...space, key }, secret),
    fingerprint: compared(),
    profile,
    claim: { at: claimAt },
  };

  /** A request that no other request repeats. */
  function keyless(request: HttpRequest, claim: ClaimPlan): Identity {
    return {
      request,
      key: undefined,
      recordId: uniqueText("keyless record id", tools, { invocationId }),
      fingerprint: "",
      profile: { ...profile, retention: NO_RETENTION },
      claim,
    };
  }
}

/** No client can ask for the response again. */
const NO_RETENTION = { seconds: 0, from: "completion" } as const;

const NEEDS_RESUMING = 'step() needs a profile that resumes: orzcash(), or interrupted: "resume"';
