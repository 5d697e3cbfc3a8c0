/*
 * The protocol of one key: N executions, a store, a network, a clock, a completer.
 *
 * Each write is one atomic step, as DynamoDB evaluates it. The inlines have the names of the functions
 * that make the requests (lib/dynamodb), and the comments at their conditions are the atoms of those
 * requests' conditions. The model has no clocks: any process may find a lease over at any moment,
 * which covers every clock skew. A stale execution is an execution that is scheduled late.
 *
 * Messages are lost, late and doubled without bound: the network delivers a sent message at any later
 * time and any number of times. An execution may also never learn of its delivery; then it dies. Two
 * numbers are bounded: the records that end by time (ENDS), and the applied claims of executions that
 * had claimed before (MORE_CLAIMS).
 *
 * A window is the time in which the promises hold: from the first claim of a key to its legitimate end
 * (it expired, or its owner freed it before it had begun). `windows` and all arrays indexed by it
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
/* The last execution starts when all faults have ended. */
#define EXECUTIONS (N + 1)
#define WINDOWS (EXECUTIONS + MORE_CLAIMS + 2)
#define NO_OWNER 255

mtype = { CLAIMED, COMPLETED, UNKNOWN };

/* The record. `expired` is expiresAt <= now; FREE makes it true as well. */
bool present = false;
bool expired = false;
bool ofThisVersion = true;
mtype state = CLAIMED;
byte owner = NO_OWNER;
byte fence = 0;
bit fingerprint = 0;
byte response = 0;
byte steps = 0;
byte claims = 0;

/* An item of the business; its writes have the condition that its fence grows. */
byte itemFence = 0;

byte ends = ENDS;
byte moreClaims = MORE_CLAIMS;
byte finished = 0;
bool faultsHaveEnded = false;
bool answered = false;

/* The messages that each execution has sent, and that the network may deliver (again). */
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
#define ONLY(sender) (isFinisher && sender == N - 1)
/* The execution's record has expired: by then it has ended, and its messages no longer arrive. */
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
 * The arms of the conditions in lib/dynamodb; a test compares the two lists. Each macro with its arms:
 *
 * UNUSED, of claims and of completions that claim:
 *   arm: attribute_not_exists(#id)
 *   arm: #owner <> :me AND #expiresAt <= :nowSeconds
 * TAKEOVER, of the same, with `lapsed` for the lease:
 *   arm: #owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version
 * TAKEOVER, of the completer's call, with BEGUN:
 *   arm: #owner <> :me AND attribute_exists(#claims) AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version
 * OWNS_CLAIM, of completions and releases; with `steps == index`, of checkpoints; with NO_CLAIM_SINCE,
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
#define OWNS_CLAIM(me) (present && state == CLAIMED)
#else
#define OWNS_CLAIM(me) (present && state == CLAIMED /* #state = :claimed */ && owner == me /* #owner = :me */)
#endif
#define UNUSED(me) (!present /* attribute_not_exists(#id) */ || (FOREIGN(me) && expired /* #expiresAt <= :nowSeconds */))
/* Profiles that never execute an interrupted request again, or profiles that do. */
#ifdef NO_TAKEOVER
#define NEVER_TAKEN true
#define TAKEOVER(me, fp) false
#else
#define NEVER_TAKEN false
#define TAKEOVER(me, fp) (present && FOREIGN(me) && state == CLAIMED /* #state = :claimed */ && SAME(fp) && ofThisVersion /* #version = :version */)
#endif
/* The completer's call finishes a begun request; a freed request has ended. */
#ifdef COMPLETER_BEGINS_WHAT_WAS_FREED
#define BEGUN true
#else
#define BEGUN (claims > 0 /* attribute_exists(#claims) */)
#endif
#ifdef FREE_FORGETS_OTHERS
#define NO_CLAIM_SINCE(count) true
#else
#define NO_CLAIM_SINCE(count) (claims == count /* #claims = :claims */)
#endif

/* A ghost: the window that an effect of this execution belongs to. */
#define WINDOW_OF(me) (owner == me -> recordWindow : claimWindow[me])

/* A client was told of a success: all successes told in one window are the same. */
inline hear(result, window) {
  assert(heard[window] == 0 || heard[window] == result);
  heard[window] = result
}

/* The invariants after each change of the record. */
inline checkRecord() {
  assert(!present || state != COMPLETED || effects[recordWindow] == 1);
  assert(!present || state == COMPLETED || expired || effects[recordWindow] == 0);
  assert(effects[recordWindow] <= 1 && stepEffects[recordWindow] <= 1)
}

/* The claim, if its condition holds: a claim of an unused key begins a window. `lapsed` is #leaseUntil <= :nowMs. */
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
           /* A completed record stays completed, and another version's record is unchanged. */
           assert(state == CLAIMED && ofThisVersion);
           /* Only a client begins a freed request again. */
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
     /* Also over records that have expired, or were deleted. */
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
  :: OWNS_CLAIM(me) && steps == index /* size(#steps) = :index, attribute_not_exists(#steps) */ ->
     steps++; stepEffects[WINDOW_OF(me)]++;
     assert(stepEffects[WINDOW_OF(me)] <= 1);
     applied = true
  :: else -> skip
  fi
}

/* COMPLETE and the money in one transaction; for an execution without a claim, the claim as well. */
inline completeRequest(me, fp, lapsed, applied) {
  if
  :: isOnce[me] -> become(me, fp, false, lapsed, applied)
#ifdef COMPLETE_IS_AN_UPSERT
  :: !isOnce[me] ->
     if
     :: !present -> present = true; owner = me; recordWindow = claimWindow[me]; applied = true
     :: else -> applied = OWNS_CLAIM(me)
     fi
#else
  :: !isOnce[me] -> applied = OWNS_CLAIM(me)
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
  /* Ends the lease. Nothing changes: any process may find the lease over at any moment. */
  skip
#endif
}

inline freeRequest(me, count, applied) {
  applied = false;
  if
  :: OWNS_CLAIM(me) && NO_CLAIM_SINCE(count) ->
     /* No begun step is forgotten. */
     assert(steps == 0 && stepEffects[recordWindow] == 0);
     expired = true; hasEnded = true; wasFreed = true; steps = 0; claims = 0; applied = true
  :: else -> skip
  fi
}

/* Of the completer, if the record still has the owner that the completer has seen. */
inline unknownRequest(seen, lapsed) {
  if
  :: present && state == CLAIMED /* #state = :claimed */ && owner == seen /* #owner = :owner */ && lapsed /* #leaseUntil <= :nowMs */ ->
     state = UNKNOWN; steps = 0; claims = 0; checkRecord()
  :: else -> skip
  fi
}

inline maybe(flag) {
  if :: flag = true :: flag = false fi
}

/* `only` = a call of the completer: it finishes abandoned work and begins none. */
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
       /* The claim may be applied without a response; without FREE, every repeat would be refused for ever. */
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
       /* Also if the response was lost and the claim was sent again: then the record is this execution's already. */
       :: present && owner == me && state == CLAIMED && !expired ->
          applied = false; myFence = fence; myClaims = claims; done = steps; goto execute
       :: present && owner != me && state == COMPLETED && !expired && fingerprint == fp ->
          hear(response, recordWindow); goto told
       /* Mismatch, UNKNOWN, deleted meanwhile, or in flight: refused. */
       :: else ->
          assert(!faultsHaveEnded || !present || fingerprint != fp || state == UNKNOWN || !ofThisVersion || NEVER_TAKEN);
          goto told
       fi
     }
  fi;

execute:
#ifdef ITEM
  /* A write of the handler's own, under a fence. */
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
          /* Also if the response was lost and the checkpoint was sent again. */
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
  /* Only if no execution has begun, as far as this one knows. */
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
       :: sender < N - 1 -> sender++
       :: break
       od;
       maybe(lapsed);
       if
       :: isGone[sender] -> skip
       :: !isGone[sender] && claimSent[sender] -> claimRequest(sender, sentFingerprint[sender], ONLY(sender), lapsed, applied)
       :: !isGone[sender] && checkpointSent[sender] -> checkpointRequest(sender, 0, applied)
       :: !isGone[sender] && completeSent[sender] -> completeRequest(sender, sentFingerprint[sender], lapsed, applied)
       :: !isGone[sender] && releaseSent[sender] -> releaseRequest(sender)
       :: !isGone[sender] && freeSent[sender] -> freeRequest(sender, sentClaims[sender], applied)
       :: else -> skip
       fi;
       sender = 0; applied = false; lapsed = false }
  od
}

/*
 * Lets a record expire, and deletes expired records. A request of the record's owner no longer
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
       /* The last execution has the same payload or another one; or it is the completer's call, and no client retries. */
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
  /* After the faults, a request gets a final response. */
  assert(answered)
}
