/*
 * The protocol of one key: N executions, a store, a network, a clock, a completer.
 *
 * Each write is one atomic step, as DynamoDB evaluates it: the inlines have the names of the functions
 * that make the requests (lib/dynamodb), and the comments at their conditions are the atoms of those
 * requests' conditions. Clocks are not modelled: a lease may be found over at any moment, by anybody
 * (which is every clock skew), and a stale execution is one that is scheduled late.
 *
 * Messages are lost, late and doubled as often as they like: what was sent once, the network delivers
 * at any later time and any number of times, and an execution may never hear of it, which is its
 * death. What is bounded is how many records end by time (ENDS), and how many claims of executions
 * that had claimed before are applied (MORE_CLAIMS).
 *
 * A window is what the promise is about: the time from the first claim of a key to its legitimate end
 * (it expired, or its owner freed it before it had begun). `windows` and all that is indexed by it
 * are ghosts: no action reads them.
 */
#ifndef N
#define N 2
#endif
#ifndef ENDS
#define ENDS 1
#endif
#ifndef MORE_CLAIMS
#define MORE_CLAIMS 1
#endif
/* The last execution is sent when all faults have ended. */
#define EXECUTIONS (N + 1)
#define WINDOWS (EXECUTIONS + MORE_CLAIMS + 2)
#define NOBODY 255

mtype = { CLAIMED, COMPLETED, UNKNOWN };

/* The record. `expired` is expiresAt <= now, which FREE brings about as well. */
bool present = false;
bool expired = false;
bool ofThisVersion = true;
mtype state = CLAIMED;
byte owner = NOBODY;
byte fence = 0;
bit fingerprint = 0;
byte response = 0;
byte steps = 0;
byte claims = 0;

/* An item of the business, written under the condition that its fence grows. */
byte itemFence = 0;

byte ends = ENDS;
byte moreClaims = MORE_CLAIMS;
byte finished = 0;
bool faultsHaveEnded = false;
bool answered = false;

/* What each execution has sent, and the network may deliver (again). */
bool claimSent[EXECUTIONS];
bool checkpointSent[EXECUTIONS];
bool completeSent[EXECUTIONS];
bool releaseSent[EXECUTIONS];
bool freeSent[EXECUTIONS];
bit sentFingerprint[EXECUTIONS];
byte sentClaims[EXECUTIONS];
bool isOnce[EXECUTIONS];
bool hasClaimed[EXECUTIONS];
bool isFinisher = false;
#define ONLY(who) (isFinisher && who == N - 1)
/* Its record has expired: by then it is no more, and what it sent no longer arrives. */
bool isGone[EXECUTIONS];

/* Ghosts. */
byte lastFence = 0;
byte windows = 0;
bool hasEnded = true;
byte recordWindow = 0;
bool wasFreed = false;
byte claimWindow[EXECUTIONS];
byte effects[WINDOWS];
byte stepEffects[WINDOWS];
byte heard[WINDOWS];
bit boundTo[WINDOWS];

/*
 * The arms of the conditions, as lib/dynamodb has them; a test compares the two lists. Who has it:
 *
 * UNUSED, of claims and of completions that claim:
 *   arm: attribute_not_exists(#id)
 *   arm: #owner <> :me AND #expiresAt <= :nowSeconds
 * TAKEOVER, of the same, with `lapsed` for the lease:
 *   arm: #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version
 * TAKEOVER, of the completer's call, with BEGUN:
 *   arm: #owner <> :me AND attribute_exists(#claims) AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version
 * STILL_MINE, of completions and releases; with `steps == index`, of checkpoints; with NOBODY_SINCE,
 * of freeing:
 *   arm: #state = :claimed AND #owner = :me
 *   arm: #state = :claimed AND #owner = :me AND attribute_not_exists(#steps)
 *   arm: #state = :claimed AND #owner = :me AND size(#steps) = :index
 *   arm: #state = :claimed AND #owner = :me AND #claims = :claims
 * The completer's, in unknownRequest:
 *   arm: #state = :claimed AND #owner = :owner AND #leaseUntil <= :nowMs
 */
#ifdef NO_FINGERPRINT_IN_TAKEOVER
#define SAME(fp) true
#else
#define SAME(fp) (fingerprint == fp /* #fingerprint = :fingerprint */)
#endif
#define FOREIGN(me) (owner != me /* #owner <> :me */)
#ifdef NO_OWNER_CHECK
#define STILL_MINE(me) (present && state == CLAIMED)
#else
#define STILL_MINE(me) (present && state == CLAIMED /* #state = :claimed */ && owner == me /* #owner = :me */)
#endif
#define UNUSED(me) (!present /* attribute_not_exists(#id) */ || (FOREIGN(me) && expired /* #expiresAt <= :nowSeconds */))
/* Profiles that never execute again what was interrupted, or those that do. */
#ifdef NO_TAKEOVER
#define NEVER_TAKEN true
#define TAKEOVER(me, fp) false
#else
#define NEVER_TAKEN false
#define TAKEOVER(me, fp) (present && FOREIGN(me) && state == CLAIMED /* #state = :claimed */ && SAME(fp) && ofThisVersion /* #version = :version */)
#endif
/* The completer's call finishes what has begun; what was freed has ended. */
#ifdef COMPLETER_BEGINS_WHAT_WAS_FREED
#define BEGUN true
#else
#define BEGUN (claims > 0 /* attribute_exists(#claims) */)
#endif
#ifdef FREE_FORGETS_OTHERS
#define NOBODY_SINCE(count) true
#else
#define NOBODY_SINCE(count) (claims == count /* #claims = :claims */)
#endif

/* A ghost: the window that an effect of this execution belongs to. */
#define WINDOW_OF(me) (owner == me -> recordWindow : claimWindow[me])

/* Somebody was told of a success: whoever is told of one in this window is told the same. */
inline hear(answer, where) {
  assert(heard[where] == 0 || heard[where] == answer);
  heard[where] = answer
}

/* What must hold whenever the record has changed. */
inline checkRecord() {
  assert(!present || state != COMPLETED || effects[recordWindow] == 1);
  assert(!present || state == COMPLETED || expired || effects[recordWindow] == 0);
  assert(effects[recordWindow] <= 1 && stepEffects[recordWindow] <= 1)
}

/* Who may have the key, has it: of an unused key a window begins. `lapsed` is #leaseUntil <= :nowMs. */
inline become(me, fp, only, lapsed, applied) {
  applied = false;
  if
  :: hasClaimed[me] && moreClaims == 0 -> skip /* beyond the bound */
  :: else ->
     if
     :: !only && UNUSED(me) ->
        if
        :: hasEnded -> windows++; hasEnded = false; recordWindow = windows; boundTo[recordWindow] = fp
        :: else -> skip
        fi;
        steps = (present -> steps : 0); claims = (present -> claims : 0);
        applied = true
     :: else ->
        if
        :: lapsed && TAKEOVER(me, fp) /* #leaseUntil <= :nowMs */ && (!only || BEGUN) ->
           /* What is completed stays so, and another version's record is not touched. */
           assert(state == CLAIMED && ofThisVersion);
           /* What was freed is not begun again, but by a client. */
           assert(!only || !wasFreed);
           applied = true
        :: else -> skip
        fi
     fi
  fi;
  if
  :: applied ->
     assert(boundTo[recordWindow] == fp);
     moreClaims = (hasClaimed[me] -> moreClaims - 1 : moreClaims);
     hasClaimed[me] = true; claimWindow[me] = recordWindow;
     owner = me; fingerprint = fp; state = CLAIMED; response = 0; ofThisVersion = true;
     present = true; expired = false; wasFreed = false; fence++; claims++;
     /* Also over records that have expired, or are gone. */
     assert(fence > lastFence); lastFence = fence
  :: else -> skip
  fi
}

inline claimRequest(me, fp, only, lapsed, applied) {
  become(me, fp, only, lapsed, applied);
  checkRecord()
}

inline checkpointRequest(me, index, applied) {
  applied = false;
  if
  :: STILL_MINE(me) && steps == index /* size(#steps) = :index, attribute_not_exists(#steps) */ ->
     steps++; stepEffects[WINDOW_OF(me)]++;
     assert(stepEffects[WINDOW_OF(me)] <= 1);
     applied = true
  :: else -> skip
  fi
}

/* COMPLETE and the money, in one transaction; of an execution that has claimed nothing, the claim too. */
inline completeRequest(me, fp, lapsed, applied) {
  if
  :: isOnce[me] -> become(me, fp, false, lapsed, applied)
#ifdef COMPLETE_IS_AN_UPSERT
  :: !isOnce[me] ->
     if
     :: !present -> present = true; owner = me; recordWindow = claimWindow[me]; applied = true
     :: else -> applied = STILL_MINE(me)
     fi
#else
  :: !isOnce[me] -> applied = STILL_MINE(me)
#endif
  fi;
  if
  :: applied ->
     state = COMPLETED; response = me + 1; expired = false; steps = 0; claims = 0;
#ifndef EFFECT_SPLIT
     effects[WINDOW_OF(me)]++;
#endif
     assert(boundTo[WINDOW_OF(me)] == fp);
     assert(effects[WINDOW_OF(me)] <= 1);
     checkRecord()
  :: else -> skip
  fi
}

inline releaseRequest(me) {
#ifdef BLIND_RELEASE
  expired = true
#else
  /* Ends the lease, which may be found over at any moment: nothing changes. */
  skip
#endif
}

inline freeRequest(me, count, applied) {
  applied = false;
  if
  :: STILL_MINE(me) && NOBODY_SINCE(count) ->
     /* Nothing that anybody has begun is forgotten. */
     assert(steps == 0 && stepEffects[recordWindow] == 0);
     expired = true; hasEnded = true; wasFreed = true; steps = 0; claims = 0; applied = true
  :: else -> skip
  fi
}

/* Of the completer: the owner that it has seen is still the owner. */
inline unknownRequest(seen, lapsed) {
  if
  :: present && state == CLAIMED /* #state = :claimed */ && owner == seen /* #owner = :owner */ && lapsed /* #leaseUntil <= :nowMs */ ->
     state = UNKNOWN; steps = 0; claims = 0; checkRecord()
  :: else -> skip
  fi
}

inline maybe(which) {
  if :: which = true :: which = false fi
}

/* `only` = who finishes abandoned work: it begins none. */
proctype Execution(byte me; bit fp; bool once, only) {
  bool applied = false;
  bool lapsed = false;
  byte myFence = 0;
  byte myClaims = 0;
  byte done = 0;

  atomic {
    sentFingerprint[me] = fp;
    isOnce[me] = once;
    if
    :: once -> goto execute
    :: else -> claimSent[me] = true
    fi
  };
  if
  :: atomic { !faultsHaveEnded ->
#ifdef NO_TAKEOVER
       /* It may have been claimed although nobody heard of it, and would then be refused for ever. */
       sentClaims[me] = 1; freeSent[me] = true;
#endif
       goto died }
  :: isGone[me] -> goto died
  :: atomic { !isGone[me] ->
       if
       :: faultsHaveEnded -> lapsed = true
       :: else -> maybe(lapsed)
       fi;
       claimRequest(me, fp, only, lapsed, applied);
       lapsed = false;
       if
       /* Or its answer was lost, and it was sent again: it is mine already. */
       :: present && owner == me && state == CLAIMED && !expired ->
          applied = false; myFence = fence; myClaims = claims; done = steps; goto execute
       :: present && owner != me && state == COMPLETED && !expired && fingerprint == fp ->
          hear(response, recordWindow); goto told
       /* Mismatch, UNKNOWN, gone meanwhile, or in flight: refused. */
       :: else ->
          assert(!faultsHaveEnded || !present || fingerprint != fp || state == UNKNOWN || !ofThisVersion || NEVER_TAKEN);
          goto told
       fi
     }
  fi;

execute:
#ifdef ITEM
  /* A write of the handler's own, that is fenced. */
  atomic {
    if
    :: once -> skip
    :: else ->
#ifdef NO_FENCE
       assert(myFence >= itemFence); itemFence = myFence
#else
       itemFence = (itemFence < myFence -> myFence : itemFence)
#endif
    fi
  };
#endif
#ifdef STEPS
  if
  :: once || done > 0 -> skip
  :: !faultsHaveEnded && !once && done == 0 -> goto unsuccessful /* before its step */
  :: atomic { !once && done == 0 -> checkpointSent[me] = true };
     if
     :: !faultsHaveEnded || isGone[me] -> goto died
     :: atomic { !isGone[me] -> checkpointRequest(me, 0, applied);
          if
          /* Or its answer was lost, and it was sent again. */
          :: applied || (present && state == CLAIMED && owner == me && steps == 1) ->
             applied = false; done = 1
          :: else -> goto release
          fi }
     fi
  fi;
#endif
  if
  :: goto commit
  :: !faultsHaveEnded -> goto unsuccessful
  fi;

unsuccessful:
  if
  :: goto died
  :: !once -> goto release
  /* Only what nobody has begun, as far as this execution knows. */
  :: !once && myClaims == 1 && done == 0 -> goto free
  fi;

commit:
#ifdef EFFECT_SPLIT
  atomic { effects[WINDOW_OF(me)]++; assert(effects[WINDOW_OF(me)] <= 1) }
#endif
  completeSent[me] = true;
  if
  :: !faultsHaveEnded || isGone[me] -> goto died
  :: atomic { !isGone[me] ->
       if
       :: faultsHaveEnded -> lapsed = true
       :: else -> maybe(lapsed)
       fi;
       completeRequest(me, fp, lapsed, applied);
       lapsed = false;
       if
       :: present && state == COMPLETED && owner == me -> hear(me + 1, recordWindow)
       :: present && state == COMPLETED && owner != me && fingerprint == fp && (!once || !expired) ->
          hear(response, recordWindow)
       :: else -> skip
       fi;
       goto told
     }
  fi;

release:
  atomic { releaseSent[me] = true; releaseRequest(me) }
  goto told;

free:
  atomic { sentClaims[me] = myClaims; freeSent[me] = true; freeRequest(me, myClaims, applied) }

told:
  atomic { answered = true }
died:
  atomic { finished++; myFence = 0; myClaims = 0; done = 0; applied = false }
}

/* Delivers what was sent, at any time and any number of times. */
proctype Network() {
  bool applied;
  bool lapsed;
  byte who;
end:
  do
  :: atomic { !faultsHaveEnded ->
       who = 0;
       do
       :: who < N - 1 -> who++
       :: break
       od;
       maybe(lapsed);
       if
       :: isGone[who] -> skip
       :: !isGone[who] && claimSent[who] -> claimRequest(who, sentFingerprint[who], ONLY(who), lapsed, applied)
       :: !isGone[who] && checkpointSent[who] -> checkpointRequest(who, 0, applied)
       :: !isGone[who] && completeSent[who] -> completeRequest(who, sentFingerprint[who], lapsed, applied)
       :: !isGone[who] && releaseSent[who] -> releaseRequest(who)
       :: !isGone[who] && freeSent[who] -> freeRequest(who, sentClaims[who], applied)
       :: else -> skip
       fi;
       who = 0; applied = false; lapsed = false }
  od
}

/*
 * Lets a record expire, and deletes what has expired. A request of the record's owner no longer
 * arrives then (docs/proof.md, assumptions). Incomplete work in steps does not expire.
 */
proctype Clock() {
end:
  do
#ifdef STEPS
  :: atomic { !faultsHaveEnded && ends > 0 && present && !expired && state == COMPLETED ->
#else
  :: atomic { !faultsHaveEnded && ends > 0 && present && !expired ->
#endif
       ends--; expired = true; hasEnded = true;
       if
       :: owner < EXECUTIONS -> isGone[owner] = true
       :: else -> skip
       fi }
  :: atomic { present && expired -> present = false }
  od
}

#ifdef COMPLETER
proctype Completer() {
  byte seen;
  bool lapsed;
end:
  atomic { present && state == CLAIMED && !expired && ofThisVersion -> seen = owner };
  atomic { maybe(lapsed); unknownRequest(seen, lapsed); lapsed = false; seen = 0 }
}
#endif

init {
  byte next = 0;
  bool once;
  bool only;
  bit fp;
  atomic {
#ifdef OTHER_VERSION
    /* Another version of the library is at work on the key. */
    if
    :: skip
    :: present = true; ofThisVersion = false; owner = EXECUTIONS;
       windows = 1; hasEnded = false; recordWindow = 1
    fi;
#endif
    do
    :: next < N ->
#ifdef ONCE
       maybe(once);
#endif
       /* One client uses the key for something else, or for the same; or nobody comes back. */
       if
       :: next == N - 1 -> maybe(fp);
#ifdef COMPLETER
          maybe(only); once = once && !only; isFinisher = only
#endif
       :: else -> skip
       fi;
       run Execution(next, fp, once, only); next++
    :: else -> break
    od;
    once = false; only = false; fp = 0;
    run Clock();
    run Network();
#ifdef COMPLETER
    run Completer()
#endif
  };
  finished == N;
  atomic { faultsHaveEnded = true; answered = false; run Execution(N, 0, false, false) };
  finished == N + 1;
  /* With the faults ended, who asks is told something. */
  assert(answered)
}
