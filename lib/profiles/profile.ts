import type { RefusalCode } from "../errors.ts";
import type { FingerprintParts } from "../http/fingerprint.ts";
import type { KeyRules } from "../http/idempotency-key.ts";
import type { Envelope, Wording } from "../http/refusal.ts";
import type { Contract } from "../protocol/contract.ts";

/**
 * What an API promises its clients about retries. A profile is data: the flow asks it, and never
 * asks which one it is.
 *
 * @example
 * const mine: Profile = { ...dwolla(), inFlight: { waitMs: 2_000 } };
 */
export interface Profile extends KeyRules, Contract {
  /** For logs and metrics. */
  readonly name: string;
  /**
   * The methods that the profile is about, in upper case. A request with any other method goes to the
   * handler untouched, before its key or tenant is looked for: a CORS preflight has no authorizer,
   * and a key on a GET has no effect. Nothing is recorded of it.
   */
  readonly methods: readonly string[];
  /**
   * The space of the tenant's in which a key is unique: one route of a service; all that the tenant does
   * over all functions on the table; or all that creates one kind of thing, on any route. Where
   * the option `operation` is given, the operation of that name.
   */
  readonly scope: "route" | "tenant" | { readonly kind: string };
  /**
   * What a completer does with a request that was interrupted and that nobody repeats: nothing; it
   * invokes the function again, with the event (which is stored until then, without credentials); or
   * it marks the outcome as UNKNOWN, so that an operator hears of it, and no repeat executes any
   * more. Interrupted is also what an error or a 5xx has ended, until somebody repeats it. The last
   * two need an `IdempotencyCompleter`.
   */
  readonly abandoned: "leave" | "complete" | "unknown";
  /** Whether a completed record holds the answer, or only that there was one (a tombstone). */
  readonly keepsAnswers: boolean;
  /** What makes two requests under one key the same request. */
  readonly fingerprint: FingerprintParts;
  /** The form of refusals. */
  readonly envelope: Envelope;
  /** What refusals say, where it differs from the default. */
  readonly refusals: Readonly<Partial<Record<RefusalCode, Partial<Wording>>>>;
  /** Where the API documents its keys; refusals link to it. */
  readonly documentationUrl: string | undefined;
  /** The header that marks a replay with `true`; `undefined` = replays are not marked. */
  readonly replayMarker: string | undefined;
}
