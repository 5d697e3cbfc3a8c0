import type { Refusal, RefusalCode } from "../errors.ts";

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

/** The wording of one refusal; a profile may replace any part of it. */
export type Wording = Pick<ClientRefusal, "status" | "title" | "message" | "retryAfterSeconds">;

/**
 * The default wording. Titles of the first three cases are those of
 * draft-ietf-httpapi-idempotency-key-header-07, section 2.7.
 */
export const WORDINGS: Readonly<Record<RefusalCode, Wording>> = {
  key_missing: {
    status: 400,
    title: "Idempotency-Key is missing",
    message:
      "This operation is idempotent and requires the Idempotency-Key header. Send a key that is unique to this operation, for example a UUID, and the same one on every retry.",
    retryAfterSeconds: undefined,
  },
  key_malformed: {
    status: 400,
    title: "Idempotency-Key is malformed",
    message: "The Idempotency-Key cannot be read.",
    retryAfterSeconds: undefined,
  },
  payload_mismatch: {
    status: 422,
    title: "Idempotency-Key is already used",
    message:
      "This key was used with a different request. Nothing was executed. Send the request with a key of its own, or repeat the original request unchanged.",
    retryAfterSeconds: undefined,
  },
  request_in_flight: {
    status: 409,
    title: "A request is outstanding for this Idempotency-Key",
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
    title: "Idempotency-Key is already used",
    message: "The same request was executed before. Nothing was executed now.",
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
    message: "Nothing was executed. Repeat the request with the same key.",
    retryAfterSeconds: 1,
  },
  commit_collided: {
    status: 503,
    title: "The request could not be committed in time",
    message:
      "Other transactions held what it needs. Nothing was committed. Repeat the request with the same key.",
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
    title: "The record of this Idempotency-Key cannot be read",
    message: "Nothing was executed. This needs the operator of the service.",
    retryAfterSeconds: undefined,
  },
};

/** Puts a refusal into the words of a profile. */
export function wordRefusal(
  { code, detail, entityId }: Refusal,
  wordings: Readonly<Partial<Record<RefusalCode, Partial<Wording>>>>,
  documentationUrl: string | undefined,
  key?: string,
): ClientRefusal {
  const wording = { ...WORDINGS[code], ...wordings[code] };
  const message = detail === undefined ? wording.message : `${wording.message} ${detail}`;
  return { ...wording, code, message, documentationUrl, entityId, key };
}
