/*
 * The protocol of one key: N executions, a store, a network, a clock, a completer.
 *
 * Each write is one atomic step, as DynamoDB evaluates it. The inlines have the names of the functions
 * that make the requests (lib/dynamodb), and the comments at their conditions are the atoms of those
 * requests' conditions. The model has no clocks: any process may find a lease over at any moment,
 * which covers every clock skew. A stale execution is an execution that is scheduled late. A claim may
 * end while its owner is at work.
 *
 * Messages are lost, late and doubled without bound: the network delivers a sent message at any later
 * time and any number of times, until nothing of its execution can arrive. An execution may also never
 * learn of its delivery; then it dies. Bounded are: the ends by time (ENDS), the claims that a late copy
 * takes over again (MORE_CLAIMS), the records that one claim or refusal tries to replace (ROUNDS), the
 * looks of the completer (one), and the late claims that one execution gives back (one).
 *
 * A window is the time in which the promises hold: it begins with a write that takes an id without a
 * record, or replaces a record that has ended or was freed. The variables under "Ghosts" are of no
 * effect on any action.
 *
 * Not modelled: ids of entities, EXTEND, owners that are not unique, refusals by `validate`, more than
 * two schemes of fingerprints, executions of release 0.1 that claim.
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
#define LATE_REFUSAL_TAKES_FREED (planted == 23)
#define REWRITES_WITHOUT_OWNER (planted == 24)
#define REWRITE_LEAVES_UNMARKED (planted == 25)
#define UNDOES_CLAIMED_ALONE (planted == 26)
#define GIVES_UP_RESUMABLE (planted == 27)
#define FREE_FORGETS_NAMES (planted == 28)

bool hasStarts = false;
bool hasCommits = false;
bool hasRestarts = false;
bool hasResumptions = false;
bool hasRefusals = false;
bool hasOtherPayload = false;
bool hasCompleter = false;
bool hasItem = false;
bool hasOldRecord = false;
bool hasSchemes = false;

/* The records that one claim or refusal tries to replace; the library tries more. */
#define ROUNDS 2
/* Without a safeguard, late copies may take the key in turn for ever; with all of them, fences stay below. */
#define FENCES 20
/* The last execution starts when all faults have ended. */
#define EXECUTIONS (N + 1)

/* Each execution is the owner of its claims, also of a claim after its handler. */
#define OLD_OWNER 253
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
/* #version IN (:version, :oldVersion); an execution can do nothing with the record of a later version. */
bool isReadable = true;
/* #version = :oldVersion, of release 0.1; `expiresAt` is the end then. */
bool isOld = false;
mtype state = CLAIMED;
byte owner = NO_OWNER;
byte fence = 0;
bit fingerprint = 0;
/* The scheme under which the fingerprint was made; 0 = none. */
byte scheme = 0;
byte response = 0;
byte steps = 0;
bool begun = false;
byte claims = 0;
/* The names of the requests that were refused for good since the key had a response or no record. */
byte named = 0;
/* The index of the completer: 1 = of a contract that gives up, 2 = that resumes, 3 = stuck. */
byte due = 0;
#define GIVES_UP 1
#define RESUMABLE 2
#define STUCK 3

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
/* Functions that were deployed before the scheme changed, and know the earlier scheme alone. */
byte hasFirstScheme = 0;
byte started = 0;
byte finished = 0;
/* Nothing of these can arrive any more. */
byte gone = 0;
/* The executions at work, or with messages on their way, when the record ended or was freed. */
byte late = 0;

/* The messages that each execution has sent, and that the network may deliver (again). */
#define SENT_CLAIM 1
#define SENT_REPLACE 2
#define SENT_REWRITE 4
#define SENT_MARK 8
#define SENT_CHECKPOINT 16
#define SENT_COMMIT 32
#define SENT_COMPLETE 64
#define SENT_FREE 128
/* Of executions that have claimed nothing: the write takes the id as well. */
#define SENT_COMMIT_UNCLAIMED 256
#define SENT_COMPLETE_UNCLAIMED 512
#define SENT_FREE_UNCLAIMED 1024
#define SENT_FREE_REPLACED 2048
#define HAS_CLAIMED 4096
/* Its claim has got no reply, and is taken back. */
#define UNDOES 8192
#define NAMES_A_RECORD (SENT_REPLACE | SENT_REWRITE | SENT_FREE_REPLACED)
#define UNDER_CLAIM (SENT_MARK | SENT_CHECKPOINT | SENT_COMMIT | SENT_COMPLETE | SENT_FREE)
short sent[EXECUTIONS];
/* The claim that the messages name, and the record that they replace or rewrite. */
byte ownFence[EXECUTIONS];
byte seenFence[EXECUTIONS];
mtype seenState[EXECUTIONS];

/* Ghosts. */
byte lastFence = 0;
byte effects = 0;
byte stepEffects = 0;
byte heard = 0;
bit boundTo = 0;
/* Release 0.1, which marks nothing, has begun the request, and no restart has repeated it since. */
bool hasOldEffect = false;
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
#define IS_ONLY(me) ((isFinisher & BIT(me)) != 0)
#define CLAIMS_AT_COMMIT(me) ((atCommit & BIT(me)) != 0)
/* The takeover of a route: "never", "resume", or else "restart". A completer's attempt is `onlyLapsed`. */
#define NEVER(me) (interrupted[me] == REFUSE)
#define RESUMES(me) (interrupted[me] == RESUME && !CLAIMS_AT_COMMIT(me))
/* A completer's attempt claims under the fingerprint, and thus the scheme, of the record. */
#define SCHEME(me) (IS_ONLY(me) -> scheme : ((hasFirstScheme & BIT(me)) -> 1 : 2))
/* A request is named by its payload and the scheme of its fingerprint; another scheme cannot be compared. */
#define NAME(me) (1 << (PAYLOAD(me) + (SCHEME(me) == 1 -> 2 : 0)))
#define MAY_BE_REFUSED(me) ((named & NAME(me)) != 0 || (named & (SCHEME(me) == 1 -> 3 : 12)) != 0)
/* A response without writes, which may be a refusal. */
#define WITHOUT_WRITES 16
#define OLD_RESPONSE 15
#define HAS_BEGUN (steps > 0 || begun)

/*
 * The arms of the conditions in lib/dynamodb; a test compares the two lists. Parts of conditions have
 * a name:
 *   STILL_LIVE = (attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)
 *   OLD_AND_LIVE = (attribute_not_exists(#expiresAt) OR attribute_exists(#steps) OR #expiresAt > :nowSeconds)
 *   HAS_ENDED = ((#version = :version AND #endsAt <= :nowSeconds) OR (#version = :oldVersion AND #expiresAt <= :nowSeconds))
 *   SEEN = #owner = :seenOwner AND #fence = :seenFence AND #state = :seenState
 *   MINE = #state = :claimed AND #owner = :me AND #fence = :fence
 *   FOUND = #state = :claimed AND #owner = :owner AND #fence = :fence
 *   NEVER_BEGAN = attribute_not_exists(#steps) AND attribute_not_exists(#begun)
 * A lapsed claim with the id of an entity is only taken over by a claim with an entity; the arms are
 * those of claims with one.
 *
 * UNUSED, of claims, and of completions and refusals that have claimed nothing:
 *   arm: attribute_not_exists(#id)
 * TAKEOVER, of claims that resume, and of claims that do not:
 *   arm: #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version AND STILL_LIVE
 *   arm: #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND NEVER_BEGAN AND #version = :version AND STILL_LIVE
 * REWRITES, of the same, over a lapsed claim that was compared after it was read: the fingerprint is of
 * an earlier scheme, or release 0.1 has claimed:
 *   arm: SEEN AND #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #version = :version AND STILL_LIVE
 *   arm: SEEN AND #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND NEVER_BEGAN AND #version = :version AND STILL_LIVE
 *   arm: SEEN AND #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #version = :oldVersion AND attribute_exists(#claims) AND OLD_AND_LIVE
 *   arm: SEEN AND #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND NEVER_BEGAN AND #version = :oldVersion AND attribute_exists(#claims) AND OLD_AND_LIVE
 * REPLACES, of claims, and of refusals that have claimed nothing: a freed record, an ended claim, and any
 * other ended record:
 *   arm: SEEN
 *   arm: SEEN AND HAS_ENDED AND #leaseUntil <= :nowMs AND NEVER_BEGAN
 *   arm: SEEN AND HAS_ENDED
 * OWNS_CLAIM, of completions and releases; with STILL_LIVE, of commits and marks:
 *   arm: MINE
 *   arm: MINE AND STILL_LIVE
 * The same with `steps == index`, of checkpoints; with STILL_LIVE, of checkpoints with writes:
 *   arm: MINE AND attribute_not_exists(#steps)
 *   arm: MINE AND size(#steps) = :index
 *   arm: MINE AND attribute_not_exists(#steps) AND STILL_LIVE
 *   arm: MINE AND size(#steps) = :index AND STILL_LIVE
 * The same with NOTHING_LOST, of freeing:
 *   arm: MINE AND #claims = :claims AND NEVER_BEGAN
 * The completer's, of unknownRequest, stuckRequest and releaseUnbegunRequest:
 *   arm: FOUND AND #leaseUntil <= :nowMs
 *   arm: FOUND AND #leaseUntil <= :nowMs AND attribute_exists(#due)
 *   arm: FOUND AND #leaseUntil <= :nowMs AND NEVER_BEGAN
 */
#define NEVER_BEGAN (steps == 0 /* attribute_not_exists(#steps) */ && !begun /* attribute_not_exists(#begun) */)
#define SAME(me) (NO_FINGERPRINT_IN_TAKEOVER || (fingerprint == PAYLOAD(me) && scheme == SCHEME(me) /* #fingerprint = :fingerprint */))
#define FOREIGN(me) (owner != me /* #owner <> :me */)
#define UNUSED(me) (!present /* attribute_not_exists(#id) */ || (FREED_AS_EXPIRY && FOREIGN(me) && state == FREED))
#define THIS_VERSION (isReadable && !isOld /* #version = :version */)
#define STILL_LIVE (!ended /* attribute_not_exists(#endsAt), #endsAt > :nowSeconds */)
#define OLD_AND_LIVE (!ended || steps > 0 /* attribute_not_exists(#expiresAt), attribute_exists(#steps), #expiresAt > :nowSeconds */)
/* #endsAt <= :nowSeconds of #version = :version; #expiresAt <= :nowSeconds of #version = :oldVersion */
#define HAS_ENDED (isReadable && ended)
#define MAY_RESTART (RESTART_FORGETS_STEPS || NEVER_BEGAN)
/* Another execution's claim, which the route may take over. The lease is an option of each action. */
#define TAKES(me) (present && FOREIGN(me) && state == CLAIMED /* #state = :claimed */ && !NEVER(me) && (RESUMES(me) || MAY_RESTART))
#define TAKEOVER(me) (TAKES(me) && SAME(me) && THIS_VERSION && (INHERITS_FROM_ENDED || STILL_LIVE))
#define IS_SEEN_CLAIM(me) (fence == seenFence[me] /* #owner = :seenOwner, #fence = :seenFence */)
#define IS_SEEN_STATE(me) (state == seenState[me] /* #state = :seenState */)
#define OLD_CLAIM (isReadable && isOld /* #version = :oldVersion */ && claims > 0 /* attribute_exists(#claims) */ && OLD_AND_LIVE)
#define REWRITES(me) (TAKES(me) && (REWRITES_WITHOUT_OWNER || IS_SEEN_CLAIM(me)) && IS_SEEN_STATE(me) && (OLD_CLAIM || (THIS_VERSION && STILL_LIVE)))
/* The lease of a claim is over before its end is: #leaseUntil <= :nowMs. */
#define REPLACES(me) (present && isReadable && (REPLACES_WITHOUT_OWNER || IS_SEEN_CLAIM(me)) && (REPLACES_WITHOUT_STATE || (IS_SEEN_STATE(me) && (state == FREED || HAS_ENDED) && (state != CLAIMED || NEVER_BEGAN))))
/* The fence of a claim that is undone is known, although its reply is not. */
#define OWNS_CLAIM(me) (present && state == CLAIMED /* #state = :claimed */ && (NO_OWNER_CHECK || (owner == me /* #owner = :me */ && (fence == ownFence[me] /* #fence = :fence */ || (sent[me] & UNDOES)))))
#define MAY_COMMIT (COMMIT_AFTER_END || STILL_LIVE)
/* Only an execution whose claim is the first frees, so `:claims` is 1. */
#define NOTHING_LOST (claims == 1 /* #claims = :claims */ && NEVER_BEGAN)
#define SAME_CLAIM(seen) (present && state == CLAIMED && fence == seen /* #owner = :owner */)

/* The record for an execution whose write was refused; `judgeClaim` has the same order. */
#define IS_OWN(me) (present && owner == me && state == CLAIMED)
#define IS_COMPARABLE(me) (scheme <= SCHEME(me))
#define SAME_FINGERPRINT(me) (fingerprint == PAYLOAD(me) && IS_COMPARABLE(me))
#define OTHER_FINGERPRINT(me) (fingerprint != PAYLOAD(me) && IS_COMPARABLE(me))
#define IS_COMPLETED_FOR(me) (present && isReadable && state == COMPLETED && (owner == me || (!ended && SAME_FINGERPRINT(me))))
#define IS_FREED (present && isReadable && state == FREED && !ended)
#define IS_OVER(me) (present && isReadable && ended && !(owner == me && state != FREED) && (state != CLAIMED || NEVER_BEGAN))
#define IS_LAPSED(me, lapsed) (present && isReadable && state == CLAIMED && owner != me && SAME_FINGERPRINT(me) && (!ended || HAS_BEGUN) && lapsed)
/* A takeover writes the fingerprint, the scheme and the version anew. */
#define IS_REWRITTEN(me) (isOld || scheme != SCHEME(me))
/* The freed record is from this execution itself, or was read before the handler, or is of other requests. */
#define HAS_SEEN_FREED(me) (owner == me || fence == freedFence || !MAY_BE_REFUSED(me) || COMMIT_TAKES_FREED)
#define MAY_TAKE_FREED(me) (!CLAIMS_AT_COMMIT(me) || (purpose != DENY && (HAS_SEEN_FREED(me) || LATE_CLAIM_TAKES_FREED)) || (purpose == DENY && LATE_REFUSAL_TAKES_FREED))

/* A client was told of a response: all responses told in one window are the same. */
inline hear(result) {
  assert(heard == 0 || heard == result);
  heard = result
}

/* Work has begun, as far as anything in the record says so. What an old claim has begun it does not say. */
#define MAY_HAVE_BEGUN (HAS_BEGUN || hasOldEffect)

/* The invariants after each change of the record. */
inline checkRecord() {
  assert(effects <= 1 && stepEffects <= 1);
  assert(!present || (effects == 1) == (state == COMPLETED && response < WITHOUT_WRITES));
  /* What has begun never ends, and the completer finds it. */
  assert(!(present && !isOld && state == CLAIMED && MAY_HAVE_BEGUN && canEnd));
  assert(!(hasCompleter && present && state == CLAIMED && MAY_HAVE_BEGUN && due == 0))
}

/* A write that takes an id without a record, or replaces a record, begins a window. */
inline beginWindow(me) {
  assert(!present || state == FREED || ended);
  assert(!present || state != CLAIMED || NEVER_BEGAN);
  assert(!IS_ONLY(me));
  effects = 0; stepEffects = 0; heard = 0; hasOldEffect = false;
  boundTo = PAYLOAD(me);
  /* Only a freed record keeps the names of the refused requests. */
  named = ((present && state == FREED) -> named : 0);
  steps = 0; begun = false; claims = 0; due = 0; late = 0;
  present = true; ended = false; isReadable = true; isOld = false;
  fingerprint = boundTo; scheme = SCHEME(me); response = 0
}

inline nextFence() {
  fence++;
  /* Also over records that were replaced, or deleted. */
  assert(fence > lastFence && (planted > 0 || fence < FENCES)); lastFence = fence
}

/* The effect of a claim, whichever record it takes. */
inline become(me) {
  owner = me; state = CLAIMED; claims++; nextFence();
  scheme = SCHEME(me); isOld = false;
  sent[me] = sent[me] | HAS_CLAIMED;
  isUsed = false; ended = false; late = 0;
  canEnd = !RESUMES(me) || (BEGUN_WORK_ENDS && canEnd);
  if
  :: RESUMES(me) -> due = RESUMABLE
  :: NEVER(me) && !CLAIMS_AT_COMMIT(me) -> due = GIVES_UP
  :: else -> skip
  fi
}

/* Nothing of an ended record reaches a new request, and begun work is resumed. */
inline checkTakeover(me) {
  assert(HAS_BEGUN || !ended);
  assert(RESUMES(me) || !HAS_BEGUN);
  assert(RESUMES(me) || isOld || !hasOldEffect);
  assert(boundTo == PAYLOAD(me))
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
     checkTakeover(me);
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

/* A takeover of exactly the lapsed claim that it has seen. */
inline rewriteRequest(me, lapsed, applied) {
  applied = false;
  if
  :: lapsed && REWRITES(me) ->
     checkTakeover(me);
     fingerprint = PAYLOAD(me);
     begun = begun || (isOld && RESUMES(me) && !REWRITE_LEAVES_UNMARKED);
     /* A restart repeats the work of release 0.1, which has marked nothing. */
     hasOldEffect = hasOldEffect && RESUMES(me);
     become(me); checkRecord();
     applied = true
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
  assert(boundTo == PAYLOAD(me));
  assert(!(told & BIT(me)) && !(outdated & BIT(me)));
  effects = (EFFECT_SPLIT -> effects : effects + 1)
}

inline becomeCompleted(me, pays) {
  if
  :: pays ->
     /* No money moves once the time of a claim is over. */
     assert(!ended);
     pay(me); response = me + 1
  :: else -> response = me + 1 + WITHOUT_WRITES
  fi;
  state = COMPLETED; ended = false; canEnd = true; late = 0;
  steps = 0; begun = false; claims = 0; due = 0; named = 0; hasOldEffect = false;
  checkRecord()
}

/* COMPLETE, also with the money in one transaction. */
inline completeRequest(me, pays, applied) {
  applied = COMPLETE_IS_AN_UPSERT || (OWNS_CLAIM(me) && (!pays || MAY_COMMIT));
  present = present || COMPLETE_IS_AN_UPSERT;
  if
  :: applied -> becomeCompleted(me, pays)
  :: else -> skip
  fi
}

/* The same of an execution that has claimed nothing: the write is the claim as well. */
inline completeUnclaimedRequest(me, pays, applied) {
  applied = UNUSED(me) || (COMMIT_TAKES_ENDED && FOREIGN(me) && ended);
  if
  :: applied -> beginWindow(me); owner = me; nextFence(); becomeCompleted(me, pays)
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
#define ENTERED ((ownFence[0] > 0 -> 1 : 0) | (ownFence[1] > 0 -> 2 : 0))
#else
#define ENTERED ((ownFence[0] > 0 -> 1 : 0) | (ownFence[1] > 0 -> 2 : 0) | (ownFence[2] > 0 -> 4 : 0))
#endif

/* Executions from before a final refusal; an execution that waits for its first claim is none. */
#define BEFORE(me) (started & SAME_REQUEST(me) & ~BIT(me) & (atCommit | ENTERED))

inline becomeFreed(me) {
  /* A claim that is undone refuses nothing. */
  refused = ((sent[me] & UNDOES) -> refused : BEFORE(me));
  named = ((sent[me] & UNDOES) -> named : ((FREE_FORGETS_NAMES -> 0 : named) | NAME(me)));
  state = FREED; ended = false; canEnd = true; late = started & ~gone;
  steps = 0; begun = false; claims = 0; due = 0; hasOldEffect = false;
  checkRecord()
}

inline freeRequest(me, applied) {
  applied = (OWNS_CLAIM(me) && NOTHING_LOST) || (FREE_FORGETS_OTHERS && IS_OWN(me));
  if
  :: applied ->
     /* No begun work is forgotten. */
     assert(NEVER_BEGAN && stepEffects == 0 && claims == 1 && !hasOldEffect);
     becomeFreed(me)
  :: else -> skip
  fi
}

/* A refusal that has claimed nothing, or a claim that is undone before it has arrived. */
inline freeUnclaimedRequest(me, applied) {
  applied = UNUSED(me);
  if
  :: applied -> beginWindow(me); owner = me; nextFence(); becomeFreed(me)
  :: else -> skip
  fi
}

/* The same in place of the record that it has seen. */
inline freeReplacedRequest(me, applied) {
  applied = REPLACES(me);
  if
  :: applied -> beginWindow(me); owner = me; nextFence(); becomeFreed(me)
  :: else -> skip
  fi
}

/* Of the completer. The claim, if it is still the claim that the completer has seen, ends as UNKNOWN. */
inline unknownRequest(seen, lapsed) {
  if
  :: SAME_CLAIM(seen) && lapsed /* #leaseUntil <= :nowMs */ ->
     state = UNKNOWN; steps = 0; begun = false; claims = 0; hasOldEffect = false; checkRecord()
  :: else -> skip
  fi
}

/* Of the completer, which tries no more. Nothing else changes: a client's claim may take the record over. */
inline stuckRequest(seen, lapsed) {
  if
  :: SAME_CLAIM(seen) && lapsed && due > 0 /* attribute_exists(#due) */ -> due = STUCK; checkRecord()
  :: else -> skip
  fi
}

/* Of the completer. A claim that never began leaves the index, and ends by time; its owner loses it. */
inline releaseUnbegunRequest(seen, lapsed) {
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

/* Another execution's record decides the response: a replay, or a refusal. */
inline replayOrRefuse(me) {
  if
  :: IS_COMPLETED_FOR(me) -> hear(response); told = told | BIT(me); answered = true
  :: else ->
     /* In the end the only obstacle is an outcome that a contract has given up. */
     assert(!faultsHaveEnded || !present || !SAME_FINGERPRINT(me) || (state == UNKNOWN && due == GIVES_UP) || !isReadable);
     answered = true;
     if
     /* Another payload. "Interrupted" says nothing about the effect. */
     :: present && isReadable && !ended && state != FREED && OTHER_FINGERPRINT(me) -> told = told | BIT(me)
     :: else -> skip
     fi
  fi
}

/* The response to an execution whose claim is lost (`settleOvertaken`). */
inline settleOvertaken(me) {
  answered = true;
  if
  :: present && state == COMPLETED && (owner == me || SAME_FINGERPRINT(me)) -> hear(response); told = told | BIT(me)
  :: else -> skip
  fi
}

/* A final refusal. Executions from before must not pay, until the client asks again. */
inline tellRefusal(me) {
  refused = (REFUSES_UNRECORDED -> BEFORE(me) : refused);
  told = told | BIT(me); answered = true; outdated = outdated | refused
}

/* The next write names the record that this one has met. Its rounds have a bound, here a lower one. */
inline see(message) {
  if
  :: rounds == ROUNDS -> finish()
  :: else ->
     rounds++;
     /* Messages that name an earlier record have no effect any more. */
     sent[me] = sent[me] & ~NAMES_A_RECORD;
     seenFence[me] = fence; seenState[me] = state;
     send(message)
  fi
}

/* No key is locked for ever by a claim that nothing has followed, whose execution has ended by itself. */
inline checkLocked() {
  assert(!(present && state == CLAIMED && !ended && !isUsed && owner < EXECUTIONS && NEVER(owner) && !(died & BIT(owner))))
}

inline finish() {
  finished = finished | BIT(me);
  myClaims = 0; freedFence = 0; rounds = 0; purpose = PAY; applied = false; lapsed = false; replacing = false; hasGivenBack = false;
  goto over
}

/* A message is on its way as soon as the execution waits for its reply, here and at each `send`. */
inline send(message) {
  sent[me] = sent[me] | message; applied = false; lapsed = false;
  effects = (EFFECT_SPLIT && (message == SENT_COMMIT || message == SENT_COMMIT_UNCLAIMED) -> effects + 1 : effects); assert(effects <= 1)
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
     /* Messages that name an earlier claim of this execution have no effect any more. */
     sent[me] = (ownFence[me] == fence -> sent[me] : sent[me] & ~UNDER_CLAIM);
     ownFence[me] = fence; myClaims = claims; isUsed = true; rounds = 0;
     if
     :: CLAIMS_AT_COMMIT(me) && purpose == PAY -> send(SENT_COMMIT); goto commit
     :: CLAIMS_AT_COMMIT(me) && purpose != PAY -> send(SENT_COMPLETE); goto complete
     :: RESUMES(me) -> handleSteps()
     :: !CLAIMS_AT_COMMIT(me) && !RESUMES(me) -> handleRest(true)
     fi
  :: !IS_OWN(me) && !IS_ONLY(me) && !present -> send(SENT_CLAIM); goto claim
  :: !IS_OWN(me) && !IS_ONLY(me) && (IS_FREED || IS_OVER(me)) ->
     if
     :: IS_OVER(me) || MAY_TAKE_FREED(me) -> see(SENT_REPLACE); goto replace
     /* The claim of a refusal gives way to FREE. */
     :: !IS_OVER(me) && !MAY_TAKE_FREED(me) && purpose == DENY -> see(SENT_FREE_REPLACED); goto freeReplaced
     :: else -> finish()
     fi
  :: !IS_OWN(me) && IS_LAPSED(me, lapsed) && IS_REWRITTEN(me) && TAKES(me) -> see(SENT_REWRITE); goto rewrite
  :: else -> replayOrRefuse(me); finish()
  fi
}

/* After a completion under a claim, with or without writes. */
inline afterCompletion() {
  settleOvertaken(me); finish()
}

/* After a completion without a claim, with or without writes. */
inline afterUnclaimed() {
  if
  :: applied -> settleOvertaken(me); finish()
  :: !applied && IS_COMPLETED_FOR(me) -> replayOrRefuse(me); finish()
  :: !applied && IS_FREED && !HAS_SEEN_FREED(me) -> finish()
  :: !applied && ((IS_FREED && HAS_SEEN_FREED(me)) || !present || IS_OVER(me) || IS_LAPSED(me, lapsed) || IS_OWN(me)) ->
     send(SENT_CLAIM); goto claim
  :: else -> replayOrRefuse(me); finish()
  fi
}

/* After the write that frees the key. */
inline afterFreeing() {
  if
  :: applied || (present && state == FREED && owner == me) -> tellRefusal(me); finish()
  :: else ->
     if
     :: REFUSES_UNRECORDED -> tellRefusal(me); finish()
     :: !REFUSES_UNRECORDED && OWNS_CLAIM(me) -> send(SENT_COMPLETE); purpose = RECORD; goto complete
     :: else -> settleOvertaken(me); finish()
     fi
  fi
}

/* The same of an execution that has claimed nothing. */
inline afterFreeingUnclaimed() {
  if
  :: applied || (present && state == FREED && owner == me) -> tellRefusal(me); finish()
  :: !applied && !present -> send(SENT_FREE_UNCLAIMED); goto freeUnclaimed
  :: !applied && ((IS_FREED && owner != me) || IS_OVER(me)) -> see(SENT_FREE_REPLACED); goto freeReplaced
  /* Its own is the claim of a commit that the business refused. */
  :: !applied && (IS_LAPSED(me, lapsed) || IS_OWN(me)) -> send(SENT_CLAIM); goto claim
  :: else -> replayOrRefuse(me); finish()
  fi
}

inline afterUndoing() {
  if
  :: applied -> finish()
  :: else -> skip
  fi
}

/* The end of a handler that has claimed nothing: the response is not recorded, or recorded, or refuses. */
inline endUnclaimed() {
  if
  :: finish()
  :: purpose = RECORD; send(SENT_COMPLETE_UNCLAIMED); goto completeUnclaimed
  :: purpose = DENY;
     if
     :: REFUSES_UNRECORDED && IS_COMPLETED_FOR(me) -> replayOrRefuse(me); finish()
     :: REFUSES_UNRECORDED && !IS_COMPLETED_FOR(me) -> tellRefusal(me); finish()
     :: else -> send(SENT_FREE_UNCLAIMED); goto freeUnclaimed
     fi
  fi
}

/*
 * At each label the execution waits for a reply, and its message may be delivered. It may die there, or
 * its time may be over: then the client may come again.
 */
proctype Execution(byte me) {
  bool applied = false;
  bool lapsed = false;
  byte myClaims = 0;
  byte freedFence = 0;
  byte rounds = 0;
  /* The claim without a reply would replace a record. */
  bool replacing = false;
  bool hasGivenBack = false;
  mtype purpose = PAY;

  /* The order of the executions is the order of their starts. */
  if
  :: atomic { (me == 0 || ((started | finished) & BIT(me - 1))) && (!IS_ONLY(me) || invoked) ->
       started = started | BIT(me);
       if
       :: IS_ONLY(me) -> skip
       :: else -> /* The client asks again. */
          outdated = outdated & ~SAME_REQUEST(me); refused = refused & ~SAME_REQUEST(me)
       fi;
       if
       :: !CLAIMS_AT_COMMIT(me) -> send(SENT_CLAIM); goto claim
       /* The record is read before the handler, or is not. */
       :: CLAIMS_AT_COMMIT(me) && present && isReadable && !ended && state == COMPLETED -> replayOrRefuse(me); finish()
       :: CLAIMS_AT_COMMIT(me) && present && isReadable && state == FREED -> freedFence = fence
       :: CLAIMS_AT_COMMIT(me)
       fi
     }
  :: atomic { IS_ONLY(me) -> finish() }
  fi;

  /* The handler runs; nothing is claimed. */
  atomic {
    if
    :: send(SENT_COMMIT_UNCLAIMED); goto commitUnclaimed
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
  :: atomic { !faultsHaveEnded -> replacing = true; goto undo }
  :: atomic { replaceRequest(me, applied); maybeLapsed(lapsed); afterClaim() }
  fi;

rewrite:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { maybeLapsed(lapsed); rewriteRequest(me, lapsed, applied); afterClaim() }
  fi;

  /*
   * The claim may be applied without a reply, or later. Without FREE, every repeat would be refused for
   * ever; and without FREE of the unclaimed id too, if the claim has not arrived.
   */
undo:
  atomic {
    if
    :: NEVER(me) -> send(SENT_FREE); sent[me] = sent[me] | UNDOES
    :: else -> goto dies
    fi
  };
  if
  :: !faultsHaveEnded
  :: atomic {
       freeRequest(me, applied);
       if
       :: applied || UNDOES_CLAIMED_ALONE -> finish()
       :: else -> skip
       fi }
  fi;
  atomic {
    if
    :: replacing -> send(SENT_FREE_REPLACED)
    :: else -> send(SENT_FREE_UNCLAIMED)
    fi
  };
  /*
   * Only a write that was applied undoes the claim for certain: TTL may delete the record that has refused
   * the others, and a late copy of the claim may then take the id.
   */
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { replacing -> freeReplacedRequest(me, applied); afterUndoing() }
  :: atomic { !replacing -> freeUnclaimedRequest(me, applied); afterUndoing() }
  fi;
  /* The claim has arrived between the two. */
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeRequest(me, applied); afterUndoing(); goto dies }
  fi;

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
  :: atomic { completeRequest(me, true, applied); afterCompletion() }
  /* A business condition refuses the transaction; a late copy may be applied all the same. */
  :: atomic { !faultsHaveEnded && CLAIMS_AT_COMMIT(me) && !hasGivenBack && OWNS_CLAIM(me) && MAY_COMMIT ->
       /* The late claim is given back, and the execution goes on without one. */
       hasGivenBack = true;
       if
       :: myClaims == 1 -> send(SENT_FREE); freeRequest(me, applied)
       :: skip
       fi;
       myClaims = 0; goto refusedByBusiness }
  :: atomic { !faultsHaveEnded && !CLAIMS_AT_COMMIT(me) && OWNS_CLAIM(me) && MAY_COMMIT -> handleRest(NEVER_BEGAN) }
  fi;

commitUnclaimed:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { completeUnclaimedRequest(me, true, applied); maybeLapsed(lapsed); afterUnclaimed() }
  :: atomic { !faultsHaveEnded && UNUSED(me) -> goto refusedByBusiness }
  fi;

  /* The handler commits something else, or ends otherwise. */
refusedByBusiness:
  atomic {
    if
    :: send(SENT_COMMIT_UNCLAIMED); goto commitUnclaimed
    :: endUnclaimed()
    fi
  };

complete:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { completeRequest(me, false, applied); afterCompletion() }
  fi;

completeUnclaimed:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { completeUnclaimedRequest(me, false, applied); maybeLapsed(lapsed); afterUnclaimed() }
  fi;

free:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeRequest(me, applied); afterFreeing() }
  fi;

freeUnclaimed:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeUnclaimedRequest(me, applied); maybeLapsed(lapsed); afterFreeingUnclaimed() }
  fi;

freeReplaced:
  if
  :: !faultsHaveEnded -> goto dies
  :: atomic { freeReplacedRequest(me, applied); maybeLapsed(lapsed); afterFreeingUnclaimed() }
  fi;

dies:
  atomic {
    if
    :: NEVER(me) -> died = died | BIT(me)
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
  :: atomic { !faultsHaveEnded && fence < FENCES ->
       sender = 0;
       do
       :: sender < N - 1 -> sender++
       :: break
       od;
       maybe(lapsed);
       if
       :: (sent[sender] & SENT_CLAIM) -> claimRequest(sender, lapsed, applied)
       :: (sent[sender] & SENT_REPLACE) -> replaceRequest(sender, applied)
       :: (sent[sender] & SENT_REWRITE) -> rewriteRequest(sender, lapsed, applied)
       :: (sent[sender] & SENT_MARK) -> markRequest(sender, applied)
       :: (sent[sender] & SENT_CHECKPOINT) -> checkpointRequest(sender, 0, applied)
       :: (sent[sender] & SENT_COMMIT) -> completeRequest(sender, true, applied)
       :: (sent[sender] & SENT_COMMIT_UNCLAIMED) -> completeUnclaimedRequest(sender, true, applied)
       :: (sent[sender] & SENT_COMPLETE) -> completeRequest(sender, false, applied)
       :: (sent[sender] & SENT_COMPLETE_UNCLAIMED) -> completeUnclaimedRequest(sender, false, applied)
       :: (sent[sender] & SENT_FREE) -> freeRequest(sender, applied)
       :: (sent[sender] & SENT_FREE_UNCLAIMED) -> freeUnclaimedRequest(sender, applied)
       :: (sent[sender] & SENT_FREE_REPLACED) -> freeReplacedRequest(sender, applied)
       :: BLIND_RELEASE && (finished & BIT(sender)) -> releaseRequest(sender)
       /* The owner of release 0.1 is still at work, and completes its request with its writes. */
       :: present && isOld && state == CLAIMED && owner == OLD_OWNER && claims > 0 && !ended ->
          effects++; response = OLD_RESPONSE; state = COMPLETED; canEnd = true;
          steps = 0; claims = 0; due = 0; hasOldEffect = false; checkRecord()
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
  :: index < EXECUTIONS && (late & BIT(index)) ->
     sent[index] = 0; ownFence[index] = 0; seenFence[index] = 0; seenState[index] = 0; index++
  :: index < EXECUTIONS && !(late & BIT(index)) -> index++
  :: index == EXECUTIONS -> break
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
  :: atomic { !faultsHaveEnded && ends > 0 && present && isReadable && !ended && canEnd && state != FREED ->
       /* What has begun never ends incomplete. */
       assert(isOld || state != CLAIMED || !MAY_HAVE_BEGUN);
       ends--; ended = true; late = started & ~gone }
  :: atomic { !faultsHaveEnded && ends > 0 && present && !ended && state == FREED && (late & ~finished) == 0 ->
       ends--; ended = true; endLate() }
  :: atomic { TTL_AT_ONCE && present && isReadable && (ended || state == FREED) -> present = false; late = 0 }
  /* TTL also deletes steps of release 0.1 whose claim has an end: a defect of that release, not modelled. */
  :: atomic { !faultsHaveEnded && present && isReadable && ended && !(isOld && steps > 0) && (late & ~finished) == 0 ->
       endLate(); late = 0; present = false; isOld = false; hasOldEffect = false }
  od
}

/* Looks at an abandoned claim, and then finishes it, releases it, sets it aside, or gives its outcome up. */
proctype Completer() {
  byte seen = 0;
  bool lapsed = false;
  bool hadBegun = false;
  bool isResumable = false;
end:
  do
  :: atomic { looks > 0 && present && isReadable && state == CLAIMED && (due == GIVES_UP || due == RESUMABLE) ->
       looks--; seen = fence; hadBegun = HAS_BEGUN || isOld; isResumable = (due == RESUMABLE) };
     atomic {
       maybe(lapsed);
       if
       :: isResumable && hadBegun -> invoked = true
       /* After the last attempt, or if the event was too large to keep. */
       :: isResumable && hadBegun && !GIVES_UP_RESUMABLE -> stuckRequest(seen, lapsed)
       :: isResumable && hadBegun && GIVES_UP_RESUMABLE -> unknownRequest(seen, lapsed)
       :: isResumable && !hadBegun -> releaseUnbegunRequest(seen, lapsed)
       :: !isResumable -> unknownRequest(seen, lapsed)
       fi;
       seen = 0; lapsed = false; hadBegun = false; isResumable = false }
  od
}

/* The past of the messages is of no effect any more; fewer states differ without it. */
inline forget() {
  do
  :: next < EXECUTIONS ->
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
      now.hasSchemes = option("SCHEMES");
      now.ends = option("ENDS");
      now.moreClaims = option("MORE_CLAIMS");
      now.looks = option("COMPLETER");
    };
    if
    /* Release 0.1 has claimed the key, and may have had an effect; its claim may have an end even with a step. */
    :: hasOldRecord ->
       present = true; isOld = true; owner = OLD_OWNER; fence = 1; claims = 1; due = RESUMABLE; hasOldEffect = true;
       if
       :: steps = 0
       :: steps = 1; stepEffects = 1
       fi;
       maybe(canEnd)
    /* It has freed the key. */
    :: hasOldRecord -> present = true; isOld = true; ended = true; canEnd = true; owner = OLD_OWNER; fence = 1
    /* An ended record of an earlier request stands under the key. */
    :: hasOldRecord -> present = true; state = COMPLETED; ended = true; canEnd = true; fence = 1; response = WITHOUT_WRITES
    /* A later version of the library is at work on the key. */
    :: hasOldRecord -> present = true; isReadable = false
    :: skip
    fi;
    lastFence = fence;
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
       if
       :: hasSchemes -> hasFirstScheme = hasFirstScheme | BIT(next)
       :: skip
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
