import type { HttpResponse } from "./http/response.ts";
import type { Observer } from "./observe.ts";
import type { Profile } from "./profiles/profile.ts";
import type { Clock } from "./protocol/clock.ts";
import type { CacheBounds } from "./protocol/record-cache.ts";
import type { Store } from "./protocol/store.ts";
import type { KeptMembers } from "./settings/kept-members.ts";
import type { ReadFirst } from "./settings/read-first.ts";

interface CommonOptions<Event> {
  /**
   * The store of the records, as a rule `dynamoDbStore({ tableName })` of
   * `lambda-idempotency/dynamodb`. {@link memoryStore} is for tests.
   */
  readonly store: Store;
  /**
   * The API's contract with its clients about retries: {@link ietf}, {@link dwolla},
   * {@link orzcash}, {@link dfns}, {@link gluwa}, {@link stripe}, or one made with
   * {@link defineProfile}.
   * @default ietf()
   */
  readonly profile?: Profile;
  /**
   * When the layer claims the key.
   *
   * - `"start"`: before the handler, in a write of its own. Repeats in flight are seen. Effects
   *   outside DynamoDB may precede the commit, under downstream keys.
   * - `"commit"`: with the commit itself, in one round trip. For handlers whose effects are all in
   *   the commit: simultaneous repeats may run the handler side by side, and one of them commits.
   *   Needs a store that commits.
   * @default "start"
   */
  readonly claimAt?: "start" | "commit";
  /**
   * The treatment, with `claimAt: "commit"`, of a response that the handler returned without a commit.
   *
   * - `"record"`: one conditional write records the response alone.
   * - `"refuse"`: the invocation fails with a {@link ConfigurationError}, and nothing is recorded. A
   *   response after a {@link CommitRefused} is recorded all the same: it is about that refusal.
   * @default "record"
   */
  readonly uncommitted?: "record" | "refuse";
  /**
   * The treatment of a commit whose response is too large to be stored, over 400,000 bytes.
   *
   * - `"refuse"`: `commit` throws a {@link CommitError} before anything is written.
   * - `"omit-body"`: the commit is made, and repeats get the status with a note in place of the body.
   *
   * Without a commit, the body of such a response is always omitted: its effect has happened.
   * @default "refuse"
   */
  readonly largeResponse?: "refuse" | "omit-body";
  /**
   * The treatment of a response that differs from the committed one, which repeats get.
   *
   * - `"throw"`: the invocation fails with a {@link ConfigurationError}; the commit stands.
   * - `"warn"`: the layer observes `responseDiffers`. The wrapper sends the committed response; the
   *   middleware sends the different one, because another middleware may have shaped it.
   * @default "throw" if NODE_ENV is "development" or "test"; "warn" otherwise, as on Lambda
   */
  readonly differentResponse?: "throw" | "warn";
  /**
   * Loads the entity that the first request created, in its present state, as the response to a
   * repeat. Required under a profile with `completed: "entity"` ({@link dfns}), refused under any other.
   * If it returns `undefined`, throws or rejects, the repeat gets the stored response.
   */
  readonly loadEntity?: (
    entityId: string,
    event: Event,
  ) => Promise<HttpResponse | undefined> | HttpResponse | undefined;
  /**
   * Refuses an invalid request before it claims its key, so that another payload may use the key.
   * Return `undefined` for a valid request, and the client's response for any other. A thrown error
   * refuses as well, and goes on unchanged, as from a handler. Nothing of a refusal is recorded.
   *
   * It runs where the handler may be about to run, with or without a key; not for methods that the
   * profile does not cover. It gets the event with its body as it was sent.
   *
   * Before a refusal under a key the record is read, which needs `dynamodb:GetItem`: rules that were
   * tightened since must not deny a request that has taken effect. A stored response, a mismatch or
   * a request in flight wins. Interrupted work goes on as if it were valid, on a retry and on a
   * completer's attempt. So the handler itself, or its commit, checks conditions that must hold at
   * the moment of the effect, for example that the account is still open.
   *
   * @default none: every request claims its key
   * @throws ConfigurationError at the request, if the function returns neither `undefined` nor a
   *   response with a `statusCode`.
   * @example
   * validate: (event) =>
   *   isTransfer(event.body) ? undefined : { statusCode: 422, body: "amountMinor is missing" },
   */
  readonly validate?: (event: Event) => Validated | Promise<Validated>;
  /**
   * The operation in which a key is unique: a name, or a function of the event that returns a name
   * or a promise of one. It must never change after go-live. Routes that share a name share their
   * keys; a route that moves, for example to `{proxy+}`, keeps its keys under the same name.
   * @default under a profile whose scope is the route, the request's method and route with the names
   *   of parameters erased, for example `POST /wallets/{}/transfers`; under other profiles, none: a key
   *   is unique over all operations that the profile's scope covers
   * @throws ConfigurationError at the request, if the function returns no name.
   */
  readonly operation?: string | ((event: Event) => unknown);
  /**
   * The service that the operations belong to, where the profile's scope is the route. Without a
   * service, functions that share a table share their operations. It must never change after go-live.
   * @default the environment variable IDEMPOTENCY_SERVICE; without it the name of the Lambda function,
   *   unless `operation` is given
   */
  readonly service?: string;
  /**
   * The secret that turns the digests of keys and payloads into HMACs: a reader of the table then
   * cannot guess a key or a payload and verify the guess, and a writer to the table cannot plant an
   * event for the completer.
   *
   * One text is the secret of both. It must never change after go-live: under another secret no record
   * is found, and every retry executes again. As `{ ids, fingerprints }` the secret of fingerprints can
   * change: name the earlier one in the profile's `fingerprint.previous` while records of its time live.
   * @default none: the digests are SHA-256
   */
  readonly secret?: string | { readonly ids: string; readonly fingerprints: string };
  /**
   * The members of the event that the record keeps for the completer, under a profile with
   * `abandoned: "complete"` ({@link orzcash}), beside those that reading the request needs: method,
   * route, path, path parameters, body, `content-type` and `content-encoding`. An attempt of the
   * completer finds nothing else in its event, so name every other header, parameter of the query and
   * member of the authorizer's part that the handler or a middleware reads. The tenant is at
   * `context.idempotency.tenant` on every attempt.
   * @default {}
   * @example
   * keptEvent: { headers: ["accept-language"], query: ["currency"], authorizer: ["/lambda/limits"] }
   */
  readonly keptEvent?: KeptMembers;
  /**
   * Replays from this process's memory, without a round trip, the completed records that it has
   * seen. `cache: {}` takes the default bounds: 1,000 records and 8 MiB of responses. Off by default,
   * because the process replays a record until it expires, also after an operator has deleted it.
   * @default none
   */
  readonly cache?: CacheBounds;
  /**
   * When the layer reads the record before it claims the key.
   *
   * - `"never"`: the claim is the first request to the table.
   * - `"suspected"`: if the request is likely to be a repeat: its client or a proxy says so in a
   *   header, a queue has delivered it before, or this process has seen its key.
   * - `"always"`: for every request.
   *
   * A repeat that is read costs half a read unit for each 4 KB of its record, in place of a write
   * unit for each KB. Any other request that is read costs the read and its round trip on top. The
   * function needs `dynamodb:GetItem`.
   *
   * The receive count of a queue is read from the event: give a queued request the `attributes` of
   * its SQS message.
   * @default "never"
   */
  readonly readFirst?: ReadFirst;
  /**
   * A margin in milliseconds, above 0 and up to 900,000, with two uses.
   *
   * - A lease ends this long after the end of the invocation that made the claim. Only then may
   *   another execution take over from a silent owner.
   * - This long before the end of the invocation, or at half of its time if that is later, the
   *   handler's signal is aborted. From this margin on, an unsuccessful response no longer
   *   releases the key, and the middleware records only a response that the handler committed or
   *   marked `final()` or `reject()`.
   *
   * With Middy's `timeoutEarlyResponse` give at least its `timeoutEarlyInMillis`: with less, a retry
   * may run beside the handler.
   * @default 1000
   */
  readonly leaseMarginMs?: number;
  /**
   * Seconds after which Lambda ends a durable execution: the `ExecutionTimeout` of the function's
   * `DurableConfig`. The claim of a handler inside `withDurableExecution` lasts as long, over all its waits.
   * Required there, and of no effect elsewhere.
   * @default none
   */
  readonly executionTimeoutSeconds?: number;
  /**
   * The observer that is called for every {@link Observation}, for metrics and logs. The layer neither
   * awaits it nor sees its errors. An observer of your own replaces the default warnings; call
   * {@link warnOperator} in it to keep them.
   * @default warnOperator, which writes observations that need an operator to `console.warn`
   */
  readonly observe?: Observer;
  /**
   * The source of time, for tests.
   * @default the machine's clock
   */
  readonly clock?: Clock;
  /**
   * The source of randomness in owner ids, which also hold the id of the invocation. For tests.
   * @default node:crypto's randomUUID
   */
  readonly randomUUID?: () => string;
}

/** The result of the option `validate`: nothing for a valid request, or the response to an invalid one. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that only throws returns `void`.
type Validated = HttpResponse | undefined | void;

/**
 * The options of {@link idempotent} and of the Middy middleware `idempotency`. The function refuses
 * options that are unknown, malformed or contradictory with a {@link ConfigurationError} when it starts.
 *
 * The tenant is required, because the keys of two clients must never meet. Give a function that
 * returns the authenticated principal, or `singleTenant: true` if there is only one client.
 */
export type IdempotencyOptions<Event = unknown, Context = unknown> = CommonOptions<Event> &
  (
    | {
        readonly tenant?: never;
        /** All clients share one space of keys. */
        readonly singleTenant: true;
      }
    // Last, so that the compiler reports a forgotten tenant and not a forgotten singleTenant.
    | {
        /**
         * Returns the authenticated principal of a request, never a value that the client chooses: a
         * text, a number, or a promise of one. Return the authorizer's claim unchanged: `undefined`,
         * `null`, "" and their texts, such as "undefined", are refused, because all clients without
         * the claim would share one tenant.
         * @throws ConfigurationError at the request, if the function returns no name.
         */
        readonly tenant: (event: Event, context: Context) => unknown;
        readonly singleTenant?: never;
      }
  );
