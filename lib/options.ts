import type { HttpResponse } from "./http/response.ts";
import type { Observer } from "./observe.ts";
import type { Profile } from "./profiles/profile.ts";
import type { Clock } from "./protocol/clock.ts";
import type { CacheBounds } from "./protocol/record-cache.ts";
import type { Store } from "./protocol/store.ts";
import type { ReadFirst } from "./settings/read-first.ts";

interface CommonOptions<Event> {
  /** Where records live: `dynamoDbStore({ tableName })`. */
  readonly store: Store;
  /**
   * What the API promises about retries.
   * @default ietf()
   */
  readonly profile?: Profile;
  /**
   * When the key is claimed.
   *
   * - `claim`: before the handler. Repeats in flight are seen, and effects outside DynamoDB may come
   *   before the commit, under downstream keys.
   * - `once`: by the commit itself, in one round trip. For handlers whose effects are all in the
   *   commit: repeats at once may run the handler side by side, and one of them commits.
   * @default "claim"
   */
  readonly claimAt?: "start" | "commit";
  /**
   * What happens with `claimAt: "commit"` to an answer that the handler gave without a commit: it is recorded
   * by itself, in one conditional write, or the invocation fails.
   * @default "record"
   */
  readonly uncommitted?: "record" | "refuse";
  /**
   * A response that is too large to be stored: the commit is refused before anything is written, or
   * repeats get the status and a note in place of the body.
   * @default "refuse"
   */
  readonly largeResponse?: "refuse" | "omit-body";
  /**
   * An answer that is sent although another was committed: an error, or a warning that is observed.
   * @default "throw" if NODE_ENV is "development" or "test"; "warn" otherwise, as on Lambda
   */
  readonly differentResponse?: "throw" | "warn";
  /**
   * Answers a repeat under a profile with entities (`dfns()`): loads what the first request created,
   * in its present state. Where it returns `undefined`, or throws, repeats get the stored answer.
   */
  readonly loadEntity?: (
    entityId: string,
    event: Event,
  ) => Promise<HttpResponse | undefined> | HttpResponse | undefined;
  /**
   * The operation in which a key is unique: a name, or a function of the event that returns one,
   * also as a promise. It must never change after go-live. Routes that share a name share their keys;
   * a route that moves, for example to `{proxy+}`, keeps them under its name.
   * @default under a profile whose scope is the route, its method and route with the names of
   *   parameters erased, for example `POST /wallets/{}/transfers`; under others, any operation
   */
  readonly operation?: string | ((event: Event) => unknown);
  /**
   * The service whose operations these are, where the scope is the route: functions that share a table
   * have the same operations otherwise. It must never change after go-live.
   * @default the environment variable IDEMPOTENCY_SERVICE; without it the function's name, unless
   *   `operation` is given
   */
  readonly service?: string;
  /**
   * Turns the digests of keys and payloads into HMACs, so that somebody who can read the table
   * cannot guess them. Changing it makes every stored key unused again.
   * @default none: SHA-256
   */
  readonly secret?: string;
  /**
   * Answers repeats from this process's memory, without a round trip, where it has seen the record
   * completed. Off by default: a record that an operator deletes is remembered until it expires.
   * @default none
   */
  readonly cache?: CacheBounds;
  /**
   * Looks a request up before its key is claimed: always, or where it is likely to be a repeat (its
   * client or a proxy says so in a header, a queue has delivered it before, or this process has seen
   * the key before). A repeat then costs half a read unit for each 4 KB of its record, in place of a
   * write unit for each KB; any other request costs that, and a round trip, on top. The function
   * needs `dynamodb:GetItem`.
   *
   * A queue's receive count is read from the event: give a queued request the `attributes` of the
   * SQS message in which it came.
   * @default "never"
   */
  readonly readFirst?: ReadFirst;
  /**
   * Milliseconds added to the remaining time of the invocation: how long after its end a silent
   * owner is presumed dead. Also how near the end the handler's signal is aborted, an unsuccessful
   * answer no longer releases, and the middleware records nothing but what the handler committed or
   * marked: where Middy's `timeoutEarlyResponse` answers in the handler's place, give at least its
   * `timeoutEarlyInMillis`, or a retry may run beside the handler.
   * @default 1000
   */
  readonly leaseMarginMs?: number;
  /**
   * Called for everything that the layer does, for metrics and logs. It is not awaited, and what it
   * throws or rejects with is ignored. Call `warnOperator` from it to keep the default warnings.
   * @default warnOperator: what needs an operator is written to `console.warn`
   */
  readonly observe?: Observer;
  /**
   * The time. For tests.
   * @default the machine's
   */
  readonly clock?: Clock;
  /**
   * What owner ids are made of, with the id of the invocation. For tests.
   * @default node:crypto's
   */
  readonly randomUUID?: () => string;
}

/**
 * How a handler is made safe to retry.
 *
 * The tenant is required, because keys of two clients must never meet: give a function that takes
 * it from the authenticated principal, or say that there is only one.
 */
export type IdempotencyOptions<Event = unknown, Context = unknown> = CommonOptions<Event> &
  (
    | {
        readonly tenant?: never;
        /** Every client shares one space of keys. */
        readonly singleTenant: true;
      }
    // Last, so that the compiler reports a forgotten tenant and not a forgotten singleTenant.
    | {
        /**
         * The authenticated principal, never something that the client chooses: a text or a number,
         * or a promise of one. Return the claim as it is: `undefined`, `null`, "" and the texts that
         * they become are refused, for they would be one tenant to all clients.
         * @throws ConfigurationError at the request, if it returns no name.
         */
        readonly tenant: (event: Event, context: Context) => unknown;
        readonly singleTenant?: never;
      }
  );
