import type { RefusalCode } from "../errors.ts";
import type { FingerprintRules } from "../http/fingerprint.ts";
import type { KeyFormat, KeyRules, KeySource } from "../http/idempotency-key.ts";
import type { Envelope, Wording } from "../http/refusal.ts";
import type { Contract } from "../protocol/contract.ts";
import type { OutcomePolicy } from "../protocol/outcome.ts";
import type { Retention } from "../protocol/retention.ts";

/**
 * The promise of an API to its clients about retries. A profile is data: the flow reads its knobs,
 * and never its name.
 *
 * Each `@default` is the value of {@link ietf}; the links name the profiles with another one.
 *
 * @example
 * const mine: Profile = { ...dwolla(), inFlight: { waitMs: 2_000 } };
 */
// `extends` makes the compiler check that the key's reader and the protocol understand every knob.
export interface Profile extends KeyRules, Contract {
  /**
   * The name of the profile, for logs and metrics.
   *
   * @default "ietf"
   */
  readonly name: string;

  /**
   * The places where the key may stand. If a request has a key in several, it must be the same.
   *
   * @default [{ header: "Idempotency-Key" }]
   * @see {@link orzcash}: the header, or the body's `idempotencyKey`; {@link dfns}: the body's
   *   `externalId`; {@link gluwa}: the body's `Idem`
   */
  readonly keyFrom: readonly KeySource[];

  /**
   * The form of a key: 1 to 255 visible ASCII characters, a UUID, or a function that returns the
   * fault of a key. A key of another form is refused with 400, before the handler.
   *
   * @default "visible"
   * @see {@link orzcash}, {@link gluwa}: a UUID; {@link dfns}: 1 to 256 printable characters
   */
  readonly keyFormat: KeyFormat;

  /**
   * A request without a key. `pass`: the handler runs without protection. `refuse`: 400.
   *
   * @default "refuse"
   * @see {@link dwolla}, {@link orzcash}, {@link dfns}, {@link gluwa}, {@link stripe}: the key is
   *   optional
   */
  readonly missingKey: "pass" | "refuse";

  /**
   * The methods that the profile covers, in upper case. A request with any other method goes to the
   * handler untouched, before its key or tenant is looked for: a CORS preflight has no authorizer,
   * and a key on a GET has no effect. Nothing is recorded of it.
   *
   * @default ["POST", "PATCH"]
   * @see {@link dwolla}, {@link orzcash}, {@link dfns}, {@link gluwa}, {@link stripe}: POST only
   */
  readonly methods: readonly string[];

  /**
   * The space in which a tenant's key is unique. `route`: one route of a service, or the operation
   * that the option `operation` names. `tenant`: all functions on the table. `{ kind }`: every
   * request that creates this kind of entity, on any route.
   *
   * @default "route"
   * @see {@link gluwa}, {@link stripe}: the tenant; {@link dfns}: the kind
   */
  readonly scope: "route" | "tenant" | { readonly kind: string };

  /**
   * The parts that make two requests under one key the same request. Headers never count. To change
   * them after go-live, list the earlier rules as `previous`.
   *
   * @default { method: true, path: true, query: true, body: true }
   * @see {@link dwolla}, {@link orzcash}: the query does not count
   */
  readonly fingerprint: FingerprintRules;

  /**
   * A repeat while the first execution runs. `refuse`: refused at once. `{ waitMs }`: waits up to
   * this many milliseconds for the response, and is refused after them.
   *
   * @default "refuse"
   * @see {@link orzcash}, {@link dfns}: up to 5 seconds
   */
  readonly inFlight: "refuse" | { readonly waitMs: number };

  /**
   * Another request under the same key. `refuse`: refused. `replay`: gets the first request's
   * response, once there is one.
   *
   * @default "refuse"
   */
  readonly mismatch: "refuse" | "replay";

  /**
   * A repeat after completion. `replay`: the stored response. `refuse`: refused. `entity`: 200 and
   * the entity that the first request created, as it is now.
   *
   * @default "replay"
   * @see {@link dfns}: the entity; {@link gluwa}: refused
   */
  readonly completed: "replay" | "refuse" | "entity";

  /**
   * A repeat after the owner of the claim died or gave up. `restart`: the handler runs again.
   * `resume`: the handler runs again, no recorded step does, and no incomplete record expires.
   * `refuse`: refused until the claim is settled.
   *
   * @default "restart"
   * @see {@link orzcash}: resumed; {@link gluwa}: refused
   */
  readonly interrupted: "restart" | "resume" | "refuse";

  /**
   * An interrupted request that no client repeats; an error or a 5xx interrupts a request as well.
   * `leave`: nothing happens. `complete`: an `IdempotencyCompleter` invokes the function again with
   * the part of the event that the option `keptEvent` says, which is stored until then. `unknown`: it
   * marks the outcome as UNKNOWN, so that an operator hears of it and no repeat executes. Either is for
   * requests that have begun; requests without a key are never executed again.
   *
   * @default "leave"
   * @see {@link orzcash}: completed; {@link gluwa}: unknown
   */
  readonly abandoned: "leave" | "complete" | "unknown";

  /**
   * Whether a completed record holds the response, or only that there was one (a tombstone).
   *
   * @default true
   * @see {@link gluwa}: a tombstone
   */
  readonly keepsResponses: boolean;

  /**
   * Decides for every ending of a handler: store the response, release the claim, free the key, or
   * leave the claim to its lease.
   *
   * @default defaultOutcome: stores a response, except 408, 425, 429 and 5xx, which release; a
   *   rejection or a thrown 4xx frees the key, any other error releases the claim
   * @see {@link stripe}: stores 5xx as well; {@link gluwa}: stores every response
   */
  readonly outcome: OutcomePolicy;

  /**
   * How long a response is kept, in seconds, from the claim or from the completion.
   *
   * @default { seconds: 24 * 60 * 60, from: "completion" }
   * @see {@link dwolla}, {@link stripe}: from the claim; {@link dfns}, {@link gluwa}: for ever
   */
  readonly retention: Retention;

  /**
   * The form of refusals.
   *
   * @default problemEnvelope: problem details, RFC 9457
   * @see {@link dfns}, {@link gluwa}, {@link stripe}: the error format of each API
   */
  readonly envelope: Envelope;

  /**
   * The wording of refusals, if it differs from the layer's own.
   *
   * @default {}
   * @see {@link dfns}, {@link gluwa}, {@link stripe}: the words of each API
   */
  readonly refusals: Readonly<Partial<Record<RefusalCode, Partial<Wording>>>>;

  /**
   * The URL of the API's documentation of its keys; refusals link to it.
   *
   * @default undefined
   */
  readonly documentationUrl: string | undefined;

  /**
   * The header that marks a replay with `true`; `undefined` = replays are not marked.
   *
   * @default "Idempotent-Replayed"
   * @see {@link dfns}, {@link gluwa}: replays are not marked
   */
  readonly replayMarker: string | undefined;
}
