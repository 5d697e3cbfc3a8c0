/*
 * The next version of the protocol of one key: N executions, a store, a network, a clock, a completer.
 * It is searched before its code is written; proof/model/protocol.pml is the protocol of lib/.
 *
 * Each write is one atomic step, as DynamoDB evaluates it. The comments at the conditions are
 * the atoms that the requests will have. The model has no clocks: any process may find a lease over at any moment,
 * which covers every clock skew. A stale execution is an execution that is scheduled late. A claim may
 * end while its owner is at work.
 *
 * Messages are lost, late and doubled without bound: the network delivers a sent message at any later
 * time and any number of times, until nothing of its execution can arrive. An execution may also never
 * learn of its delivery; then it dies. Three numbers are bounded: the ends by time (ENDS), the claims
 * that a late copy takes over again (MORE_CLAIMS), and the looks of the completer (one).
 *
 * A window is the time in which the promises hold: it begins with a write that takes an id without a
 * record, or replaces a record that has ended or was freed. The variables under "Ghosts" are of no
 * effect on any action.
 *
 * Not modelled: ids of entities, schemes of fingerprints, EXTEND, owners that are not unique.
 */
#ifndef N
#define N 2
#endif
/*
 * One program searches every variant: it reads its options from its environment. They have no effect but
 * for the choices in `init`, and for `planted`, the safeguard that is removed.
 */
c_decl {
  \#include <stdlib.h>
  static int option(const char *name) {
    const char *value = getenv(name);
    return value == NULL ? 0 : atoi(value);
  }
}
byte planted = 0;
#define NO_FENCE (planted == 1)
#define NO_OWNER_CHECK (planted == 2)
#define BLIND_RELEASE (planted == 3)
#define NO_FINGERPRINT_IN_TAKEOVER (planted == 4)
#define EFFECT_SPLIT (planted == 5)
#define COMPLETE_IS_AN_UPSERT (planted == 6)
#define FREE_FORGETS_OTHERS (planted == 7)
#define FREED_AS_EXPIRY (planted == 8)
#define TTL_AT_ONCE (planted == 9)
#define REPLACES_WITHOUT_OWNER (planted == 10)
#define REPLACES_WITHOUT_STATE (planted == 11)
#define INHERITS_FROM_ENDED (planted == 12)
#define COMMIT_TAKES_ENDED (planted == 13)
#define COMMIT_TAKES_FREED (planted == 14)
#define LATE_CLAIM_TAKES_FREED (planted == 15)
#define COMMIT_AFTER_END (planted == 16)
#define REFUSES_UNRECORDED (planted == 17)
#define RESTART_FORGETS_STEPS (planted == 18)
#define BEGUN_WORK_ENDS (planted == 19)
#define COMPLETER_BEGINS_WORK (planted == 20)
#define RELEASE_KEEPS_OWNER (planted == 21)
#define RELEASE_FORGETS_BEGUN (planted == 22)

bool hasStarts = false;
bool hasCommits = false;
bool hasRestarts = false;
bool hasResumptions = false;
bool hasRefusals = false;
bool hasOtherPayload = false;
bool hasCompleter = false;
bool hasItem = false;
bool hasOldRecord = false;

/* The records that one claim or refusal tries to replace; the library tries more. */
#define ROUNDS 2
/* The last execution starts when all faults have ended. */
#define EXECUTIONS (N + 1)

/*
 * An execution has up to three owners: its own, and those under which a commit, or a final refusal,
 * that had claimed nothing claims after the handler.
 */
#define OWNERS (3 * EXECUTIONS)
#define OWNER(execution, number) (3 * (execution) + (number))
#define EXECUTION(owner) ((owner) / 3)
#define NUMBER(owner) ((owner) % 3)
#define COMPLETER_OWNER 254
#define NO_OWNER 255

mtype = { CLAIMED, COMPLETED, UNKNOWN, FREED };
mtype = { RESTART, RESUME, REFUSE };
/* The end of an execution: commit writes, record a response without writes, or refuse for good. */
mtype = { PAY, RECORD, DENY };

/* The record. `ended` is endsAt <= now, and `canEnd` that it has an end. */
bool present = false;
bool ended = false;
bool canEnd = false;
bool ofThisVersion = true;
mtype state = CLAIMED;
byte owner = NO_OWNER;
byte fence = 0;
bit fingerprint = 0;
byte response = 0;
byte steps = 0;
bool begun = false;
byte claims = 0;
/* In the index of the completer: 1 = without, 2 = with the event to invoke the function with. */
byte due = 0;

/* An item of the business; its writes have the condition that its fence grows. */
byte itemFence = 0;

byte ends = 0;
byte moreClaims = 0;
byte looks = 0;
bool faultsHaveEnded = false;
/* The completer has invoked the function. */
bool invoked = false;

/* The configuration of each execution's route; sets of executions are bits. */
mtype interrupted[EXECUTIONS];
byte atCommit = 0;
byte otherPayload = 0;
byte isFinisher = 0;
byte started = 0;
byte finished = 0;
/* Nothing of these can arrive any more. */
byte gone = 0;
/* The executions at work, or with messages on their way, when the record ended or was freed. */
byte late = 0;

/* The messages that each owner has sent, and that the network may deliver (again). */
#define SENT_CLAIM 1
#define SENT_REPLACE 2
#define SENT_MARK 4
#define SENT_CHECKPOINT 8
#define SENT_COMMIT 16
#define SENT_COMPLETE 32
#define SENT_FREE 64
#define HAS_CLAIMED 128
byte sent[OWNERS];
/* The claim that the messages name, and the record that they replace. */
byte ownFence[OWNERS];
byte seenFence[OWNERS];
mtype seenState[OWNERS];

/* Ghosts. */
byte lastFence = 0;
byte effects = 0;
byte stepEffects = 0;
byte heard = 0;
bit boundTo = 0;
/* An execution runs, or ran, under this claim. */
bool isUsed = false;
/* Executions whose clients have a final response; that died under a profile that refuses. */
byte told = 0;
byte died = 0;
/* Executions from before the final refusal that the client of their request heard last. */
byte outdated = 0;
/* The same, while the reply to the write of the refusal is on its way. */
byte refused = 0;
bool answered = false;

#define BIT(execution) (1 << (execution))
#define PAYLOAD(execution) ((otherPayload & BIT(execution)) != 0)
#define SAME_REQUEST(execution) (PAYLOAD(execution) -> otherPayload : (255 & ~otherPayload))
#define IS_ONLY(owner) ((isFinisher & BIT(EXECUTION(owner))) != 0)
#define CLAIMS_AT_COMMIT(owner) ((atCommit & BIT(EXECUTION(owner))) != 0)
/* The owner has claimed nothing: its commit, completion or refusal takes the id as well. */
#define IS_UNCLAIMED(owner) (CLAIMS_AT_COMMIT(owner) && NUMBER(owner) == 0)
/* The takeover of a route: "only", "never", "resume", or else "restart". */
#define NEVER(owner) (interrupted[EXECUTION(owner)] == REFUSE)
#define RESUMES(owner) (interrupted[EXECUTION(owner)] == RESUME && !CLAIMS_AT_COMMIT(owner))
/* A response without writes, which may be a refusal. */
#define WITHOUT_WRITES 16
#define HAS_BEGUN (steps > 0 || begun)

/*
 * The arms of the conditions that the requests will have. Parts of conditions that
 * stand in several arms have a name:
 *   NOT_ENDED = (attribute_not_exists(#expiresAt) OR attribute_exists(#steps) OR attribute_exists(#begun) OR (#version = :version AND #endsAt > :nowSeconds) OR (#version = :oldVersion AND #expiresAt > :nowSeconds))
 *   HAS_ENDED = ((#version = :version AND #endsAt <= :nowSeconds) OR (#version = :oldVersion AND #expiresAt <= :nowSeconds))
 *   STILL_LIVE = (attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)
 * A lapsed claim with the id of an entity is only taken over by a claim with an entity; the arms are
 * those of claims with one.
 *
 * UNUSED, of claims, and of completions and refusals that have claimed nothing:
 *   arm: attribute_not_exists(#id)
 * TAKEOVER, of claims that resume and of the completer's, and of claims that do not resume:
 *   arm: #owner <> :me AND attribute_exists(#claims) AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version IN (:version, :oldVersion) AND NOT_ENDED
 *   arm: #owner <> :me AND attribute_exists(#claims) AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version IN (:version, :oldVersion) AND attribute_not_exists(#steps) AND attribute_not_exists(#begun) AND NOT_ENDED
 * REPLACES, of claims, and of refusals that have claimed nothing: a freed record, an ended claim, and any
 * other ended record:
 *   arm: #owner = :seenOwner AND #fence = :seenFence AND #state = :seenState
 *   arm: #owner = :seenOwner AND #fence = :seenFence AND #state = :seenState AND HAS_ENDED AND #leaseUntil <= :nowMs AND attribute_not_exists(#steps) AND attribute_not_exists(#begun)
 *   arm: #owner = :seenOwner AND #fence = :seenFence AND #state = :seenState AND HAS_ENDED
 * OWNS_CLAIM, of completions and releases; with STILL_LIVE, of commits and marks:
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND STILL_LIVE
 * The same with `steps == index`, of checkpoints; with STILL_LIVE, of checkpoints with writes:
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND attribute_not_exists(#steps)
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND size(#steps) = :index
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND attribute_not_exists(#steps) AND STILL_LIVE
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND size(#steps) = :index AND STILL_LIVE
 * The same with NOTHING_LOST, of freeing:
 *   arm: #state = :claimed AND #owner = :me AND #fence = :fence AND #claims = :claims AND attribute_not_exists(#steps) AND attribute_not_exists(#begun)
 * The completer's, in unknownRequest, with the fence:
 *   arm: #state = :claimed AND #owner = :owner AND #leaseUntil <= :nowMs
 * The completer's release of claims that never began: SAME_CLAIM AND NEVER_BEGAN.
 */
#define NEVER_BEGAN (steps == 0 /* attribute_not_exists(#steps) */ && !begun /* attribute_not_exists(#begun) */)
#define SAME(fp) (NO_FINGERPRINT_IN_TAKEOVER || fingerprint == fp /* #fingerprint = :fingerprint */)
#define FOREIGN(me) (owner != me /* #owner <> :me */)
#define UNUSED(me) (!present /* attribute_not_exists(#id) */ || (FREED_AS_EXPIRY && FOREIGN(me) && state == FREED))
/* attribute_not_exists(#expiresAt), #endsAt > :nowSeconds; #expiresAt > :nowSeconds of #version = :oldVersion */
#define NOT_ENDED (INHERITS_FROM_ENDED || !ended || HAS_BEGUN /* attribute_exists(#steps), attribute_exists(#begun) */)
/* #endsAt <= :nowSeconds of #version = :version; #expiresAt <= :nowSeconds of #version = :oldVersion */
#define HAS_ENDED ended
#define STILL_LIVE (!ended /* attribute_not_exists(#endsAt), #endsAt > :nowSeconds */)
#define MAY_RESTART (RESTART_FORGETS_STEPS || NEVER_BEGAN)
/* attribute_exists(#claims): a claim of this version always has it. */
#define TAKEOVER(me) (present && FOREIGN(me) && state == CLAIMED /* #state = :claimed */ && SAME(PAYLOAD(EXECUTION(me))) && ofThisVersion /* #version IN (:version, :oldVersion) */ && NOT_ENDED && !NEVER(me) && (RESUMES(me) || MAY_RESTART))
/* The lease of a claim is over before its end is: #leaseUntil <= :nowMs. */
#define IS_SEEN_CLAIM(me) (REPLACES_WITHOUT_OWNER || fence == seenFence[me] /* #owner = :seenOwner, #fence = :seenFence */)
#define IS_SEEN_STATE(me) (REPLACES_WITHOUT_STATE || (state == seenState[me] /* #state = :seenState */ && (state == FREED || HAS_ENDED) && (state != CLAIMED || NEVER_BEGAN)))
#define REPLACES(me) (present && ofThisVersion && IS_SEEN_CLAIM(me) && IS_SEEN_STATE(me))
#define OWNS_CLAIM(me) (present && state == CLAIMED /* #state = :claimed */ && (NO_OWNER_CHECK || (owner == me /* #owner = :me */ && fence == ownFence[me] /* #fence = :fence */)))
#define MAY_COMMIT (COMMIT_AFTER_END || STILL_LIVE)
/* Only an execution whose claim is the first frees, so `:claims` is 1. */
#define NOTHING_LOST (claims == 1 /* #claims = :claims */ && NEVER_BEGAN)
#define SAME_CLAIM(seen) (present && state == CLAIMED && fence == seen /* #owner = :owner */)

/* A client was told of a response: all responses told in one window are the same. */
inline hear(result) {
  assert(heard == 0 || heard == result);
  heard = result
}

/* The invariants after each change of the record. */
inline checkRecord() {
  assert(effects <= 1 && stepEffects <= 1);
  assert(!present || (effects == 1) == (state == COMPLETED && response < WITHOUT_WRITES));
  /* What has begun never ends, and the completer finds it. */
  assert(!(present && state == CLAIMED && HAS_BEGUN && canEnd));
  assert(!(hasCompleter && present && state == CLAIMED && HAS_BEGUN && due == 0))
}

/* A write that takes an id without a record, or replaces a record, begins a window. */
inline beginWindow(me) {
  assert(!present || state == FREED || ended);
  assert(!present || state != CLAIMED || NEVER_BEGAN);
  assert(!IS_ONLY(me));
  effects = 0; stepEffects = 0; heard = 0;
  boundTo = PAYLOAD(EXECUTION(me));
  steps = 0; begun = false; claims = 0; due = 0; late = 0;
  present = true; ended = false; ofThisVersion = true; fingerprint = boundTo; response = 0
}

inline nextFence() {
  fence++;
  /* Also over records that were replaced, or deleted. */
  assert(fence > lastFence); lastFence = fence
}

/* What a claim writes, whichever record it takes. */
inline become(me) {
  owner = me; state = CLAIMED; claims++; nextFence();
  sent[me] = sent[me] | HAS_CLAIMED;
  isUsed = false; ended = false; late = 0;
  canEnd = !RESUMES(me) || (BEGUN_WORK_ENDS && canEnd);
  if
  :: RESUMES(me) -> due = 2
  :: NEVER(me) && !CLAIMS_AT_COMMIT(me) -> due = 1
  :: else -> skip
  fi
}

/* The first claim. `lapsed` is #leaseUntil <= :nowMs. */
inline claimRequest(me, lapsed, applied) {
  applied = false;
  if
  :: UNUSED(me) && (!IS_ONLY(me) || COMPLETER_BEGINS_WORK) -> beginWindow(me); applied = true
  :: !UNUSED(me) && lapsed && TAKEOVER(me) && (!(sent[me] & HAS_CLAIMED) || moreClaims > 0) ->
     if
     :: sent[me] & HAS_CLAIMED -> moreClaims--
     :: else -> skip
     fi;
     /* Nothing of an ended record reaches a new request, and begun work is resumed. */
     assert(HAS_BEGUN || !ended);
     assert(RESUMES(me) || !HAS_BEGUN);
     assert(boundTo == PAYLOAD(EXECUTION(me)));
     applied = true
  :: else -> skip
  fi;
  if
  :: applied -> become(me); checkRecord()
  :: else -> skip
  fi
}

/* A claim in place of the record that it has seen. */
inline replaceRequest(me, applied) {
  applied = false;
  if
  :: REPLACES(me) -> beginWindow(me); become(me); checkRecord(); applied = true
  :: else -> skip
  fi
}

inline markRequest(me, applied) {
  applied = false;
  if
  :: OWNS_CLAIM(me) && STILL_LIVE ->
     begun = true; applied = true;
     canEnd = canEnd && BEGUN_WORK_ENDS;
     checkRecord()
  :: else -> skip
  fi
}

/* Of the first step. Without a mark it has writes, and is conditional on the end. */
inline checkpointRequest(me, index, applied) {
  applied = false;
  if
  :: OWNS_CLAIM(me) && steps == index /* attribute_not_exists(#steps), size(#steps) = :index */ && (begun || STILL_LIVE) ->
     steps++; stepEffects++; applied = true;
     canEnd = canEnd && BEGUN_WORK_ENDS;
     checkRecord()
  :: else -> skip
  fi
}

/* A business write of the transaction: the money. */
inline pay(me) {
  assert(boundTo == PAYLOAD(EXECUTION(me)));
  assert(!(told & BIT(EXECUTION(me))) && !(outdated & BIT(EXECUTION(me))));
  effects = (EFFECT_SPLIT -> effects : effects + 1)
}

/* COMPLETE, also with the money in one transaction; for an owner without a claim, the claim as well. */
inline completeRequest(me, pays, applied) {
  applied = false;
  if
  :: IS_UNCLAIMED(me) ->
     if
     :: UNUSED(me) || (COMMIT_TAKES_ENDED && FOREIGN(me) && ended) ->
        beginWindow(me); owner = me; nextFence(); applied = true
     :: else -> skip
     fi
  :: !IS_UNCLAIMED(me) ->
     applied = COMPLETE_IS_AN_UPSERT || (OWNS_CLAIM(me) && (!pays || MAY_COMMIT));
     present = present || COMPLETE_IS_AN_UPSERT
  fi;
  if
  :: applied ->
     if
     :: pays ->
        /* No money moves once the time of a claim is over. */
        assert(!ended);
        pay(me); response = EXECUTION(me) + 1
     :: else -> response = EXECUTION(me) + 1 + WITHOUT_WRITES
     fi;
     state = COMPLETED; ended = false; canEnd = true; late = 0;
     steps = 0; begun = false; claims = 0; due = 0;
     checkRecord()
  :: else -> skip
  fi
}

/* Ends the lease. Nothing changes: any process may find the lease over at any moment. */
inline releaseRequest(me) {
  if
  :: BLIND_RELEASE && present -> state = FREED; late = started & ~gone; checkRecord()
  :: else -> skip
  fi
}

/* Executions that have claimed before their handler, and run or ran under the claim. */
#if N == 2
#define ENTERED ((ownFence[0] > 0 -> 1 : 0) | (ownFence[3] > 0 -> 2 : 0))
#else
#define ENTERED ((ownFence[0] > 0 -> 1 : 0) | (ownFence[3] > 0 -> 2 : 0) | (ownFence[6] > 0 -> 4 : 0))
#endif

/* Executions from before a final refusal; an execution that waits for its first claim is none. */
#define BEFORE(me) (started & SAME_REQUEST(EXECUTION(me)) & ~BIT(EXECUTION(me)) & (atCommit | ENTERED))

inline becomeFreed(me) {
  refused = BEFORE(me);
  state = FREED; ended = false; canEnd = true; late = started & ~gone;
  steps = 0; begun = false; claims = 0; due = 0
}

inline freeRequest(me, applied) {
  applied = false;
  if
  :: IS_UNCLAIMED(me) ->
     if
     :: UNUSED(me) -> beginWindow(me); owner = me; nextFence(); becomeFreed(me); applied = true
     :: else -> skip
     fi
  :: !IS_UNCLAIMED(me) ->
     if
     :: (OWNS_CLAIM(me) && NOTHING_LOST) || (FREE_FORGETS_OTHERS && present && state == CLAIMED && owner == me) ->
        /* No begun work is forgotten. */
        assert(NEVER_BEGAN && stepEffects == 0 && claims == 1);
        becomeFreed(me); checkRecord(); applied = true
     :: else -> skip
     fi
  fi
}

/* A refusal that has claimed nothing, in place of the record that it has seen. */
inline freeReplacedRequest(me, applied) {
  applied = false;
  if
  :: REPLACES(me) ->
     beginWindow(me); owner = me; nextFence(); becomeFreed(me); checkRecord(); applied = true
  :: else -> skip
  fi
}

/* Of the completer. The claim, if it is still the claim that the completer has seen, ends as UNKNOWN. */
inline unknownRequest(seen, lapsed) {
  if
  :: SAME_CLAIM(seen) && lapsed /* #leaseUntil <= :nowMs */ ->
     state = UNKNOWN; steps = 0; begun = false; claims = 0; due = 0; checkRecord()
  :: else -> skip
  fi
}

/* Of the completer. A claim that never began leaves the index, and ends by time; its owner loses it. */
inline releaseAbandonedRequest(seen, lapsed) {
  if
  :: SAME_CLAIM(seen) && lapsed && (RELEASE_FORGETS_BEGUN || NEVER_BEGAN) ->
     if
     :: RELEASE_KEEPS_OWNER -> skip
     :: else -> owner = COMPLETER_OWNER; nextFence()
     fi;
     due = 0; canEnd = true; isUsed = true; checkRecord()
  :: else -> skip
  fi
}

inline maybe(flag) {
  if :: flag = true :: flag = false fi
}

/* Once the faults have ended, every lease is over. */
inline maybeLapsed(flag) {
  if
  :: flag = true
  :: !faultsHaveEnded -> flag = false
  fi
}

/* The record for an execution whose write was refused; `judgeClaim` has the same order. */
#define IS_OWN(me) (present && owner == me && state == CLAIMED)
#define IS_COMPLETED_FOR(me) (present && ofThisVersion && state == COMPLETED && (owner == me || (!ended && SAME_FINGERPRINT(me))))
#define SAME_FINGERPRINT(me) (fingerprint == PAYLOAD(EXECUTION(me)))
#define IS_FREED (present && ofThisVersion && state == FREED && !ended)
#define IS_OVER(me) (present && ofThisVersion && ended && !(owner == me && (state == CLAIMED || state == COMPLETED || state == UNKNOWN)) && (state != CLAIMED || NEVER_BEGAN))
#define IS_LAPSED(me, lapsed) (present && ofThisVersion && state == CLAIMED && owner != me && SAME_FINGERPRINT(me) && (!ended || HAS_BEGUN) && lapsed)

/* Another execution's record decides the response: a replay, or a refusal. */
inline replayOrRefuse(me) {
  if
  :: IS_COMPLETED_FOR(me) -> hear(response); told = told | BIT(EXECUTION(me)); answered = true
  :: else ->
     assert(!faultsHaveEnded || !present || !SAME_FINGERPRINT(me) || state == UNKNOWN || !ofThisVersion);
     answered = true;
     if
     /* Another payload. "Interrupted" says nothing about the effect. */
     :: present && ofThisVersion && !ended && state != FREED && !SAME_FINGERPRINT(me) -> told = told | BIT(EXECUTION(me))
     :: else -> skip
     fi
  fi
}

/* The response to an execution whose claim is lost (`settleOvertaken`). */
inline settleOvertaken(me) {
  answered = true;
  if
  :: present && state == COMPLETED && (owner == me || SAME_FINGERPRINT(me)) ->
     hear(response); told = told | BIT(EXECUTION(me))
  :: else -> skip
  fi
}

/* A final refusal. Executions from before must not pay, until the client asks again. */
inline tellRefusal(me) {
  refused = (REFUSES_UNRECORDED -> BEFORE(me) : refused);
  told = told | BIT(EXECUTION(me)); answered = true; outdated = outdated | refused
}

/* The next write replaces the record that this one has met. Its rounds have a bound, here a lower one. */
inline see() {
  if
  :: rounds == ROUNDS -> finish()
  :: else ->
     rounds++;
     seenFence[me] = fence; seenState[me] = state;
     send(SENT_REPLACE)
  fi
}

/* A new owner, which no other execution has been. */
inline nextOwner(me) {
  me = (sent[me + 1] == 0 -> me + 1 : me + 2)
}

/* No key is locked for ever by a claim that nothing has followed, whose execution has ended by itself. */
inline checkLocked() {
  assert(!(present && state == CLAIMED && !ended && !isUsed && owner < OWNERS && NEVER(owner) && !(died & BIT(EXECUTION(owner)))))
}

inline finish() {
  finished = finished | BIT(id);
  me = 0; myClaims = 0; freedFence = 0; rounds = 0; purpose = PAY; applied = false; lapsed = false;
  goto over
}

/* A message is on its way as soon as the execution waits for its reply, here and at each `send`. */
inline send(message) {
  sent[me] = sent[me] | message; applied = false; lapsed = false;
  effects = (EFFECT_SPLIT && message == SENT_COMMIT -> effects + 1 : effects); assert(effects <= 1)
}

/* The handler of an execution that resumes: its step first, with or without a mark, then the commit. */
inline handleSteps() {
  if
  :: steps > 0 -> handleRest(false)
  :: steps == 0 && begun -> send(SENT_CHECKPOINT); goto checkpoint
  :: steps == 0 && begun -> send(SENT_COMPLETE); purpose = RECORD; goto complete
  :: steps == 0 && !begun -> send(SENT_CHECKPOINT); goto checkpoint /* with the writes of the step */
  :: steps == 0 && !begun -> send(SENT_MARK); goto mark
  :: steps == 0 && !begun -> handleRest(true)
  fi
}

/* The end of a handler under a claim. Only an execution that knows of no begun work frees the key. */
inline handleRest(mayFree) {
  if
  :: !RESUMES(me) || !(mayFree) -> send(SENT_COMMIT); purpose = PAY; goto commit
  :: send(SENT_COMPLETE); purpose = RECORD; goto complete
  :: (mayFree) && myClaims == 1 -> send(SENT_FREE); purpose = DENY; goto free
  :: !faultsHaveEnded -> releaseRequest(me); finish()
  fi
}

/* After a claim. Its reply may be lost, and the claim sent again; so the record decides. */
inline afterClaim() {
  if
  :: IS_OWN(me) ->
     ownFence[me] = fence; myClaims = claims; isUsed = true;
     if
     :: CLAIMS_AT_COMMIT(me) && purpose == PAY -> send(SENT_COMMIT); goto commit
     :: CLAIMS_AT_COMMIT(me) && purpose != PAY -> send(SENT_COMPLETE); goto complete
     :: RESUMES(me) -> handleSteps()
     :: !CLAIMS_AT_COMMIT(me) && !RESUMES(me) -> handleRest(true)
     fi
  :: !IS_OWN(me) && !IS_ONLY(me) && !present -> send(SENT_CLAIM); goto claim
  :: !IS_OWN(me) && !IS_ONLY(me) && (IS_FREED || IS_OVER(me)) ->
     if
     :: !LATE_CLAIM_TAKES_FREED && !COMMIT_TAKES_FREED && IS_FREED && CLAIMS_AT_COMMIT(me) && purpose == PAY && fence != freedFence -> finish()
     :: else -> see(); goto replace
     fi
  :: else -> replayOrRefuse(me); finish()
  fi
}

/* After a completion, with or without writes. */
inline afterCompletion() {
  if
  :: applied || !IS_UNCLAIMED(me) -> settleOvertaken(me); finish()
  :: else ->
     if
     :: IS_COMPLETED_FOR(me) -> replayOrRefuse(me); finish()
     :: IS_FREED && fence != freedFence && !COMMIT_TAKES_FREED -> finish()
     :: (IS_FREED && (fence == freedFence || COMMIT_TAKES_FREED)) || !present || IS_OVER(me) || IS_LAPSED(me, lapsed) ->
        nextOwner(me); send(SENT_CLAIM); goto claim
     :: else -> replayOrRefuse(me); finish()
     fi
  fi
}

/* After the write that frees the key. */
inline afterFreeing() {
  if
  :: applied || (present && state == FREED && owner == me) -> tellRefusal(me); finish()
  :: else ->
     if
     :: REFUSES_UNRECORDED -> tellRefusal(me); finish()
     :: !REFUSES_UNRECORDED && !IS_UNCLAIMED(me) ->
        if
        :: OWNS_CLAIM(me) -> send(SENT_COMPLETE); purpose = RECORD; goto complete
        :: else -> settleOvertaken(me); finish()
        fi
     :: !REFUSES_UNRECORDED && IS_UNCLAIMED(me) && !present -> send(SENT_FREE); goto free
     :: !REFUSES_UNRECORDED && IS_UNCLAIMED(me) && (IS_FREED || IS_OVER(me)) -> see(); goto freeReplaced
     :: !REFUSES_UNRECORDED && IS_UNCLAIMED(me) && IS_LAPSED(me, lapsed) ->
        purpose = RECORD; nextOwner(me); send(SENT_CLAIM); goto claim
     :: else -> replayOrRefuse(me); finish()
     fi
  fi
}

/* The end of a handler that has claimed nothing: the response is not recorded, or recorded, or refuses. */
inline endUnclaimed() {
  if
  :: finish()
  :: purpose = RECORD; send(SENT_COMPLETE); goto complete
  :: purpose = DENY;
     if
     :: REFUSES_UNRECORDED && IS_COMPLETED_FOR(me) -> replayOrRefuse(me); finish()
     :: REFUSES_UNRECORDED && !IS_COMPLETED_FOR(me) -> tellRefusal(me); finish()
     :: else -> send(SENT_FREE); goto free
     fi
  fi
}

/*
 * At each label the execution waits for a reply, and its message may be delivered. It may die there, or
 * its time may be over: then the client may come again.
 */
proctype Execution(byte id) {
  bool applied = false;
  bool lapsed = false;
  byte me = OWNER(id, 0);
  byte myClaims = 0;
  byte freedFence = 0;
  byte rounds = 0;
  mtype purpose = PAY;

  /* The order of the executions is the order of their starts. */
  if
  :: atomic { (id == 0 || ((started | finished) & BIT(id - 1))) && (!IS_ONLY(me) || invoked) ->
       started = started | BIT(id);
       if
       :: IS_ONLY(me) -> skip
       :: else -> /* The client asks again. */
          outdated = outdated & ~SAME_REQUEST(id); refused = refused & ~SAME_REQUEST(id)
       fi;
       if
       :: !CLAIMS_AT_COMMIT(me) -> send(SENT_CLAIM); goto claim
       /* The record is read before the handler, or is not. */
       :: CLAIMS_AT_COMMIT(me) && present && ofThisVersion && !ended && state == COMPLETED -> replayOrRefuse(me); finish()
       :: CLAIMS_AT_COMMIT(me) && present && ofThisVersion && state == FREED -> freedFence = fence
       :: CLAIMS_AT_COMMIT(me)
       fi
     }
  :: atomic { IS_ONLY(me) -> finish() }
  fi;

  /* The handler runs; nothing is claimed. */
  atomic {
    if
    :: send(SENT_COMMIT); goto commit
    :: endUnclaimed()
    fi
  };

claim:
  if
  :: !faultsHaveEnded -> goto undo
  :: atomic { maybeLapsed(lapsed); claimRequest(me, lapsed, applied); afterClaim() }
  fi;

replace:
  if
  :: !faultsHaveEnded -> goto undo
  :: atomic { replaceRequest(me, applied); maybeLapsed(lapsed); afterClaim() }
  fi;

undo:
  /* The claim may be applied without a reply; without FREE, every repeat would be refused for ever. */
  atomic {
    if
    :: NEVER(me) -> ownFence[me] = (IS_OWN(me) -> fence : ownFence[me]); send(SENT_FREE)
    :: else -> skip
    fi;
    goto dies
  };

mark:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic {
       markRequest(me, applied);
       if
       :: applied || (OWNS_CLAIM(me) && begun) -> handleSteps()
       :: else -> settleOvertaken(me); finish()
       fi }
  fi;

checkpoint:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic {
       checkpointRequest(me, 0, applied);
       if
       :: applied || (IS_OWN(me) && steps == 1) -> handleRest(false)
       :: else -> settleOvertaken(me); finish()
       fi }
  fi;

commit:
  if
  :: !faultsHaveEnded -> goto dies
  /* A write of the handler's own, under a fence, before its commit. */
  :: atomic { hasItem && ownFence[me] > 0 ->
       assert(!NO_FENCE || ownFence[me] >= itemFence);
       itemFence = (NO_FENCE || itemFence < ownFence[me] -> ownFence[me] : itemFence);
       goto commit }
  :: atomic { completeRequest(me, true, applied); maybeLapsed(lapsed); afterCompletion() }
  /* A business condition refuses the transaction; a late copy may be applied all the same. */
  :: atomic { !faultsHaveEnded && CLAIMS_AT_COMMIT(me) && (NUMBER(me) == 0 -> UNUSED(me) : (OWNS_CLAIM(me) && MAY_COMMIT)) ->
       /* The late claim is given back, and the execution goes on without one. */
       if
       :: NUMBER(me) > 0 && myClaims == 1 -> send(SENT_FREE); freeRequest(me, applied)
       :: skip
       fi;
       me = OWNER(id, 0); myClaims = 0;
       endUnclaimed() }
  :: atomic { !faultsHaveEnded && !CLAIMS_AT_COMMIT(me) && OWNS_CLAIM(me) && MAY_COMMIT ->
       handleRest(NEVER_BEGAN) }
  fi;

complete:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { completeRequest(me, false, applied); maybeLapsed(lapsed); afterCompletion() }
  fi;

free:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeRequest(me, applied); maybeLapsed(lapsed); afterFreeing() }
  fi;

freeReplaced:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeReplacedRequest(me, applied); maybeLapsed(lapsed); afterFreeing() }
  fi;

dies:
  atomic {
    if
    :: NEVER(me) -> died = died | BIT(id)
    :: else -> skip
    fi;
    finish()
  };
over:
  skip
}

/* Delivers sent messages, at any time and any number of times. */
proctype Network() {
  bool applied;
  bool lapsed;
  byte sender;
end:
  do
  :: atomic { !faultsHaveEnded ->
       sender = 0;
       do
       :: sender < OWNERS - 4 -> sender++
       :: break
       od;
       maybe(lapsed);
       if
       :: (sent[sender] & SENT_CLAIM) -> claimRequest(sender, lapsed, applied)
       :: (sent[sender] & SENT_REPLACE) && !IS_UNCLAIMED(sender) -> replaceRequest(sender, applied)
       :: (sent[sender] & SENT_REPLACE) && IS_UNCLAIMED(sender) -> freeReplacedRequest(sender, applied)
       :: (sent[sender] & SENT_MARK) -> markRequest(sender, applied)
       :: (sent[sender] & SENT_CHECKPOINT) -> checkpointRequest(sender, 0, applied)
       :: (sent[sender] & SENT_COMMIT) -> completeRequest(sender, true, applied)
       :: (sent[sender] & SENT_COMPLETE) -> completeRequest(sender, false, applied)
       :: (sent[sender] & SENT_FREE) -> freeRequest(sender, applied)
       :: BLIND_RELEASE && (finished & BIT(EXECUTION(sender))) -> releaseRequest(sender)
       :: else -> skip
       fi;
       sender = 0; applied = false; lapsed = false }
  od
}

/* Nothing of the executions that were at work when the record ended can arrive any more. */
inline endLate() {
  gone = gone | late;
  index = 0;
  do
  :: index < OWNERS && (late & BIT(EXECUTION(index))) ->
     sent[index] = 0; ownFence[index] = 0; seenFence[index] = 0; seenState[index] = 0; index++
  :: index < OWNERS && !(late & BIT(EXECUTION(index))) -> index++
  :: index == OWNERS -> break
  od;
  index = 0; late = started & ~gone
}

/*
 * Ends records, and deletes ended ones. A freed record ends, and any record is deleted, when nothing of the
 * executions that were at work before can arrive (docs/proof.md, assumptions).
 */
proctype Clock() {
  byte index = 0;
end:
  do
  :: atomic { !faultsHaveEnded && ends > 0 && present && ofThisVersion && !ended && canEnd && state != FREED ->
       /* What has begun never ends incomplete. */
       assert(state != CLAIMED || NEVER_BEGAN);
       ends--; ended = true; late = started & ~gone }
  :: atomic { !faultsHaveEnded && ends > 0 && present && !ended && state == FREED && (late & ~finished) == 0 ->
       ends--; ended = true; endLate() }
  :: atomic { TTL_AT_ONCE && present && ofThisVersion && (ended || state == FREED) -> present = false; late = 0 }
  :: atomic { !faultsHaveEnded && present && ofThisVersion && ended && (late & ~finished) == 0 ->
       endLate(); late = 0; present = false }
  od
}

/* Looks at an abandoned claim, and then finishes it, releases it, or gives its outcome up. */
proctype Completer() {
  byte seen = 0;
  bool lapsed = false;
  bool hadBegun = false;
  bool hasEvent = false;
end:
  do
  :: atomic { looks > 0 && present && ofThisVersion && state == CLAIMED && due > 0 ->
       looks--; seen = fence; hadBegun = HAS_BEGUN; hasEvent = (due == 2) };
     atomic {
       maybe(lapsed);
       if
       :: hasEvent && hadBegun -> invoked = true
       :: hasEvent && !hadBegun -> releaseAbandonedRequest(seen, lapsed)
       /* Also if the event was too large to keep. */
       :: !hasEvent || hadBegun -> unknownRequest(seen, lapsed)
       fi;
       seen = 0; lapsed = false; hadBegun = false; hasEvent = false }
  od
}
/* The past of the messages is of no effect any more; fewer states differ without it. */
inline forget() {
  do
  :: next < OWNERS ->
     sent[next] = 0; ownFence[next] = 0; seenFence[next] = 0; seenState[next] = 0; next++
  :: else -> break
  od;
  next = 0; gone = 0; late = 0; told = 0; died = 0; outdated = 0; refused = 0; itemFence = 0; ends = 0; moreClaims = 0
}

init {
  byte next = 0;
  atomic {
c_code {
      now.planted = option("PLANTED");
      now.hasStarts = option("STARTS");
      now.hasCommits = option("COMMITS");
      now.hasRestarts = option("RESTARTS");
      now.hasResumptions = option("RESUMPTIONS");
      now.hasRefusals = option("REFUSALS");
      now.hasOtherPayload = option("OTHER_PAYLOAD");
      now.hasCompleter = option("COMPLETER");
      now.hasItem = option("ITEM");
      now.hasOldRecord = option("OLD_RECORD");
      now.ends = option("ENDS");
      now.moreClaims = option("MORE_CLAIMS");
      now.looks = option("COMPLETER");
    };
    if
    :: skip
    /* A later version of the library is at work on the key. */
    :: hasOldRecord -> present = true; ofThisVersion = false
    /* An ended record of an earlier request stands under the key. */
    :: hasOldRecord -> present = true; state = COMPLETED; ended = true; canEnd = true; fence = 1; lastFence = 1; response = WITHOUT_WRITES
    fi;
    do
    :: next < N ->
       if
       :: hasRestarts -> interrupted[next] = RESTART
       :: hasResumptions && hasStarts -> interrupted[next] = RESUME
       :: hasRefusals -> interrupted[next] = REFUSE
       fi;
       if
       :: hasStarts -> skip
       /* A resuming route that claims at the commit resumes nothing: it is as one that restarts. */
       :: hasCommits && interrupted[next] != RESUME -> atCommit = atCommit | BIT(next)
       fi;
       /* The last execution has the same payload or another one; or it is the completer's call. */
       if
       :: next == N - 1 && hasOtherPayload -> otherPayload = otherPayload | BIT(next)
       :: hasCompleter && next == N - 1 && interrupted[next] == RESUME && !(atCommit & BIT(next)) -> isFinisher = BIT(next)
       :: skip
       fi;
       next++
    :: else -> break
    od;
    next = 0;
    do
    :: next < N -> run Execution(next); next++
    :: else -> break
    od;
    next = 0;
    run Clock();
    run Network();
    run Completer()
  };
  atomic { finished == BIT(N) - 1 ->
    checkLocked();
    forget();
    faultsHaveEnded = true; answered = false; interrupted[N] = RESUME; run Execution(N) };
  atomic { finished == BIT(N + 1) - 1 ->
    /* After the faults, a request gets a final response. */
    assert(answered) }
}
