import type { Refusal, RefusalCode } from "../errors.ts";
import type { KeySource } from "./idempotency-key.ts";
import { keyName, keyPlace } from "./key-name.ts";

/** The content of a refusal for the client. An {@link Envelope} gives it the form of the API. */
export interface ClientRefusal {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly message: string;
  /** Seconds after which a retry may succeed; `undefined` = a retry cannot succeed. */
  readonly retryAfterSeconds: number | undefined;
  /** URL of the API's documentation of its keys. */
  readonly documentationUrl: string | undefined;
  /** Id of the entity that the first request creates, if the profile has entities. */
  readonly entityId: string | undefined;
  /** The key, as this request sent it. */
  readonly key: string | undefined;
}

/** The status, headers and body of a refusal in the form of one API. */
export interface RefusalResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Turns a refusal into the form that the clients of an API expect. */
export type Envelope = (refusal: ClientRefusal) => RefusalResponse;

/**
 * The wording of one refusal. A profile may replace any part of it.
 *
 * In the title and the message `{key}` becomes the name of the key (`Idempotency-Key`, `"/Idem"`), and
 * `{place}` its place in words (`the Idempotency-Key header`, `the body's member "/Idem"`).
 */
export type Wording = Pick<ClientRefusal, "status" | "title" | "message" | "retryAfterSeconds">;

/**
 * The default wordings. A message names the subject, the cause and the remedy. The titles of a missing
 * key, a used key and an outstanding request are the titles of
 * draft-ietf-httpapi-idempotency-key-header-07, section 2.7.
 *
 * Several places of the code give the same refusal, so its message claims only effects that are known
 * at all of them. No message advises another key for the same work: an earlier attempt may have taken
 * effect.
 */
export const WORDINGS: Readonly<Record<RefusalCode, Wording>> = {
  key_missing: {
    status: 400,
    title: "{key} is missing",
    message:
      "This operation is idempotent and requires {place}. Send a key that is unique to this operation, for example a UUID, and send the same key with every retry.",
    retryAfterSeconds: undefined,
  },
  key_malformed: {
    status: 400,
    title: "{key} is malformed",
    message: "The key in {place} is not valid.",
    retryAfterSeconds: undefined,
  },
  payload_mismatch: {
    status: 422,
    title: "{key} is already used",
    message:
      "This key belongs to a different request, which may have taken effect. This request is refused. To retry the first request, repeat it unchanged.",
    retryAfterSeconds: undefined,
  },
  request_incomparable: {
    status: 409,
    title: "The request cannot be compared with the first one",
    message:
      "This key was used before, and the service has changed since, so it cannot compare this request with the first one, which may have taken effect. This request is not executed. Read the resource to learn the outcome of the first request.",
    retryAfterSeconds: undefined,
  },
  request_in_flight: {
    status: 409,
    title: "A request is outstanding for this {key}",
    message:
      "The same request is still being executed. Repeat it later with the same key to get its response.",
    retryAfterSeconds: 1,
  },
  request_interrupted: {
    status: 409,
    title: "The first request was interrupted",
    message:
      "The same request began and was interrupted. A retry does not execute it again. Read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  outcome_unknown: {
    status: 409,
    title: "The outcome of the first request is unknown",
    message:
      "The same request began, and it is unknown whether it took effect. A retry does not execute it again. Read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  already_completed: {
    status: 409,
    title: "{key} is already used",
    message:
      "The same request was already executed and is not executed again. Read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  claim_lost: {
    status: 409,
    title: "Another execution took over this request",
    message:
      "Another execution took over the same request. Repeat the request later with the same key to get its response.",
    retryAfterSeconds: 1,
  },
  store_unavailable: {
    status: 503,
    title: "The {key} could not be checked",
    message:
      "The service could not check whether this key was used before. Repeat the request with the same key.",
    retryAfterSeconds: 1,
  },
  key_freed: {
    status: 503,
    title: "{key} was freed meanwhile",
    message:
      "An earlier attempt of this request was refused while this attempt ran. This attempt was not committed. Repeat the request with the same key.",
    retryAfterSeconds: 1,
  },
  commit_collided: {
    status: 503,
    title: "The request could not be committed in time",
    message:
      "Other transactions held the data that the request needs, and the request is not complete. Repeat it with the same key.",
    retryAfterSeconds: 1,
  },
  outcome_not_recorded: {
    status: 503,
    title: "The outcome could not be recorded",
    message:
      "The service could not record whether the request took effect. Repeat the request with the same key to get a definite response.",
    retryAfterSeconds: 1,
  },
  record_unreadable: {
    status: 500,
    title: "The record of this {key} cannot be read",
    message:
      "It is unknown whether the request took effect, because its record cannot be read. The request is not executed again. Read the resource to learn its outcome. An operator of the service must repair the record.",
    retryAfterSeconds: undefined,
  },
};

/** The parts of a profile that word a refusal. */
export interface RefusalRules {
  readonly keyFrom: readonly KeySource[];
  readonly refusals: Readonly<Partial<Record<RefusalCode, Partial<Wording>>>>;
  readonly documentationUrl: string | undefined;
}

/** Words a refusal by the rules of a profile. */
export function wordRefusal(
  { code, detail, entityId, retryAfterMs }: Refusal,
  { keyFrom, refusals, documentationUrl }: RefusalRules,
  key?: string,
): ClientRefusal {
  const wording = { ...WORDINGS[code], ...refusals[code] };
  const fillNames = (text: string) =>
    text.replaceAll("{key}", () => keyName(keyFrom)).replaceAll("{place}", () => keyPlace(keyFrom));
  const message = fillNames(wording.message);
  return {
    code,
    status: wording.status,
    title: fillNames(wording.title),
    message: detail === undefined ? message : `${message} ${detail}`,
    retryAfterSeconds: retryAfterSeconds(wording.retryAfterSeconds, retryAfterMs),
    documentationUrl,
    entityId,
    key,
  };
}

/** A known wait replaces the usual wait, but never turns a final refusal into a temporary one. */
function retryAfterSeconds(usual: number | undefined, knownMs: number | undefined) {
  if (usual === undefined || knownMs === undefined) return usual;
  return Math.max(1, Math.ceil(knownMs / 1000));
}
