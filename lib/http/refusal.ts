import type { Refusal, RefusalCode } from "../errors.ts";
import type { KeySource } from "./idempotency-key.ts";
import { keyName, keyPlace } from "./key-name.ts";

/** What clients are told about a refusal, before an envelope has given it a form. */
export interface ClientRefusal {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly message: string;
  /** Seconds after which a retry may help; `undefined` = a retry cannot help. */
  readonly retryAfterSeconds: number | undefined;
  /** Where the API documents its keys. */
  readonly documentationUrl: string | undefined;
  /** Id of what the first request creates, where the profile has entities. */
  readonly entityId: string | undefined;
  /** The key, as this request sent it. */
  readonly key: string | undefined;
}

/** A refusal as one API words it: status, headers and body of the answer. */
export interface RefusalAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Gives a refusal the form that an API's clients expect. */
export type Envelope = (refusal: ClientRefusal) => RefusalAnswer;

/**
 * The wording of one refusal; a profile may replace any part of it.
 *
 * In a title and a message `{key}` stands for the name of the key (`Idempotency-Key`, `"/Idem"`), and
 * `{place}` for its place in a sentence (`the Idempotency-Key header`, `the body's member "/Idem"`).
 */
export type Wording = Pick<ClientRefusal, "status" | "title" | "message" | "retryAfterSeconds">;

/**
 * The default wording. Titles of the first three cases are those of
 * draft-ietf-httpapi-idempotency-key-header-07, section 2.7.
 *
 * A message claims about the effects of a request only what the layer knows at every place from which
 * it is given. None advises another key for the same work: an earlier attempt may have taken effect.
 */
export const WORDINGS: Readonly<Record<RefusalCode, Wording>> = {
  key_missing: {
    status: 400,
    title: "{key} is missing",
    message:
      "This operation is idempotent and requires {place}. Send a key that is unique to this operation, for example a UUID, and the same one on every retry.",
    retryAfterSeconds: undefined,
  },
  key_malformed: {
    status: 400,
    title: "{key} is malformed",
    message: "The key in {place} cannot be read.",
    retryAfterSeconds: undefined,
  },
  payload_mismatch: {
    status: 422,
    title: "{key} is already used",
    message:
      "This key belongs to a different request, which may have taken effect; this one is refused. To retry, repeat the first request unchanged.",
    retryAfterSeconds: undefined,
  },
  request_in_flight: {
    status: 409,
    title: "A request is outstanding for this {key}",
    message: "The same request is being executed. Repeat it later to get its answer.",
    retryAfterSeconds: 1,
  },
  request_interrupted: {
    status: 409,
    title: "The first request was interrupted",
    message:
      "The same request began and was interrupted. It is not executed again by a retry; read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  outcome_unknown: {
    status: 409,
    title: "The outcome of the first request is unknown",
    message:
      "The same request began, and whether it took effect is not known. It is not executed again; read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  already_completed: {
    status: 409,
    title: "{key} is already used",
    message:
      "The same request was executed before and is not executed again; read the resource to learn its outcome.",
    retryAfterSeconds: undefined,
  },
  claim_lost: {
    status: 409,
    title: "Another execution took this request over",
    message: "The same request is being executed. Repeat it later to get its answer.",
    retryAfterSeconds: 1,
  },
  store_unavailable: {
    status: 503,
    title: "The request could not be made safe to retry",
    message:
      "Whether this key was used before could not be found out. Repeat the request with the same key.",
    retryAfterSeconds: 1,
  },
  commit_collided: {
    status: 503,
    title: "The request could not be committed in time",
    message:
      "Other transactions held what it needs, and it is not complete. Repeat the request with the same key.",
    retryAfterSeconds: 1,
  },
  outcome_not_recorded: {
    status: 503,
    title: "The outcome could not be recorded",
    message:
      "Whether the request took effect could not be recorded. Repeat it with the same key to get an answer that stands.",
    retryAfterSeconds: 1,
  },
  record_unreadable: {
    status: 500,
    title: "The record of this {key} cannot be read",
    message:
      "Whether the request took effect is not known. It is not executed again; read the resource to learn its outcome. The operator of the service has to repair the record.",
    retryAfterSeconds: undefined,
  },
};

/** What a refusal needs to know of a profile. */
export interface RefusalRules {
  readonly keyFrom: readonly KeySource[];
  readonly refusals: Readonly<Partial<Record<RefusalCode, Partial<Wording>>>>;
  readonly documentationUrl: string | undefined;
}

/** Puts a refusal into the words of a profile. */
export function wordRefusal(
  { code, detail, entityId, retryAfterMs }: Refusal,
  { keyFrom, refusals, documentationUrl }: RefusalRules,
  key?: string,
): ClientRefusal {
  const wording = { ...WORDINGS[code], ...refusals[code] };
  const named = (text: string) =>
    text.replaceAll("{key}", () => keyName(keyFrom)).replaceAll("{place}", () => keyPlace(keyFrom));
  const message = named(wording.message);
  return {
    code,
    status: wording.status,
    title: named(wording.title),
    message: detail === undefined ? message : `${message} ${detail}`,
    retryAfterSeconds: retryAfterSeconds(wording.retryAfterSeconds, retryAfterMs),
    documentationUrl,
    entityId,
    key,
  };
}

/** A known wait replaces the usual one, but never makes a final refusal look like a passing one. */
function retryAfterSeconds(usual: number | undefined, knownMs: number | undefined) {
  if (usual === undefined || knownMs === undefined) return usual;
  return Math.max(1, Math.ceil(knownMs / 1000));
}
