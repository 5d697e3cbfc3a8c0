/*
 * The protocol of one key: N executions, a store, a clock, a network, a completer.
 *
 * Each write is one atomic step, as DynamoDB evaluates it: the inlines have the names of the functions
 * that make the requests (lib/dynamodb), and the comments at their conditions are the atoms of those
 * requests' conditions. Clocks are not modelled: a lease may be found over at any moment, by anybody
 * (which is every clock skew), and a stale execution is one that is scheduled late.
 *
 * FAULTS requests or answers are lost, or a request is delivered again, at any later time. Every
 * execution may die anywhere. A record may expire, and be deleted by TTL, early or late.
 *
 * A window is what the promise is about: the time from the first claim of a key to its legitimate end
 * (it expired, or its owner freed it before it had begun). `windows` and all that is indexed by it
 * are ghosts: no action reads them.
 */
#ifndef N
#define N 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef ENDS
#define ENDS 1
#endif
#define WINDOWS (ENDS + N + 3)
/* The last execution, sent when all faults have ended. */
#define EXECUTIONS (N + 1)

mtype = { CLAIMED, COMPLETED, UNKNOWN };

/* The record. `expired` is expiresAt <= now, which FREE brings about as well. */
bool present = false;
bool expired = false;
mtype state = CLAIMED;
byte owner = 255;
byte fence = 0;
bit fingerprint = 0;
byte response = 0;
byte steps = 0;

/* An item of the business, written under the condition that its fence grows. */
byte itemFence = 0;

byte faults = FAULTS;
byte ends = ENDS;
byte finished = 0;
bool faultsHaveEnded = false;
bool answered = false;

/* Ghosts. */
byte windows = 0;
bool hasEnded = true;
byte recordWindow = 0;
byte claimWindow[EXECUTIONS];
byte effects[WINDOWS];
byte stepEffects[WINDOWS];
byte heard[WINDOWS];
bit boundTo[WINDOWS];

/* Requests that the network may deliver again. */
bool claimAgain[EXECUTIONS];
bool commitAgain[EXECUTIONS];
bool releaseAgain[EXECUTIONS];
byte copies = 0;
bit sentFingerprint[EXECUTIONS];

#define SAME(fp) (fingerprint == fp /* #fingerprint = :fingerprint */)
#ifdef NO_FINGERPRINT_IN_TAKEOVER
#define TAKEOVER(fp) (state == CLAIMED)
#else
#define TAKEOVER(fp) (state == CLAIMED /* #state = :claimed */ && SAME(fp))
#endif
#define FOREIGN(me) (owner != me /* #owner <> :me */)
#ifdef NO_OWNER_CHECK
#define STILL_MINE(me) (present && state == CLAIMED)
#else
#define STILL_MINE(me) (present && state == CLAIMED /* #state = :claimed */ && owner == me /* #owner = :me */)
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

inline become(me, fp) {
  owner = me; fingerprint = fp; state = CLAIMED; response = 0;
  present = true; expired = false; fence++
}

inline claimRequest(me, fp, lapsed, applied) {
  applied = false;
  if
  :: !present /* attribute_not_exists(#id) */ || (FOREIGN(me) && expired /* #expiresAt <= :nowSeconds */) ->
     if
     :: hasEnded -> windows++; hasEnded = false; recordWindow = windows; boundTo[recordWindow] = fp
     :: else -> skip
     fi;
     assert(boundTo[recordWindow] == fp);
     steps = (present -> steps : 0);
     become(me, fp); applied = true
  :: else ->
     if
     :: FOREIGN(me) && TAKEOVER(fp) && lapsed /* #leaseUntil <= :nowMs */ ->
        assert(boundTo[recordWindow] == fp);
        become(me, fp); applied = true
     :: else -> skip
     fi
  fi;
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

/* COMPLETE and the money, in one transaction. */
inline completeRequest(me, applied) {
  applied = false;
  if
#ifdef COMPLETE_IS_AN_UPSERT
  :: !present || STILL_MINE(me) ->
     if
     :: !present -> owner = 255; present = true; recordWindow = claimWindow[me]; owner = me
     :: else -> skip
     fi;
#else
  :: STILL_MINE(me) ->
#endif
     state = COMPLETED; response = me + 1; expired = false; steps = 0;
#ifndef EFFECT_SPLIT
     effects[WINDOW_OF(me)]++;
#endif
     assert(effects[WINDOW_OF(me)] <= 1);
     applied = true;
     checkRecord()
  :: else -> skip
  fi
}

inline releaseRequest(me) {
#ifdef BLIND_RELEASE
  present = false
#else
  /* Ends the lease, which may be found over at any moment: nothing changes. */
  skip
#endif
}

inline freeRequest(me) {
  if
  :: STILL_MINE(me) -> expired = true; steps = 0; hasEnded = true
  :: else -> skip
  fi
}

/* Of the completer: the owner that it has seen is still the owner. */
inline unknownRequest(seen, lapsed) {
  if
  :: present && state == CLAIMED /* #state = :claimed */ && owner == seen /* #owner = :owner */ && lapsed /* #leaseUntil <= :nowMs */ ->
     state = UNKNOWN; steps = 0; checkRecord()
  :: else -> skip
  fi
}

proctype Execution(byte me; bit fp) {
  bool applied = false;
  bool lapsed = false;
  bool tookOver = false;
  byte myFence = 0;
  byte window = 0;

claim:
  do
  :: !faultsHaveEnded -> goto died
  :: faults > 0 -> faults-- /* The request is lost, and sent again. */
  :: atomic {
       sentFingerprint[me] = fp;
       if
       :: faultsHaveEnded -> lapsed = true
       :: else -> if :: lapsed = true :: lapsed = false fi
       fi;
       tookOver = present && !expired && owner != me;
       claimRequest(me, fp, lapsed, applied);
       if
       :: faults > 0 && !claimAgain[me] -> faults--; copies++; claimAgain[me] = true
       :: true
       fi;
       if
       :: applied -> myFence = fence; claimWindow[me] = recordWindow; goto execute
       /* The answer was lost, and the request was sent again: the claim is mine. */
       :: !applied && present && owner == me && state == CLAIMED ->
          myFence = fence; claimWindow[me] = recordWindow; goto execute
       :: !applied && present && state == COMPLETED && (owner == me || (!expired && fingerprint == fp)) ->
          hear(response, recordWindow); goto told
       /* Mismatch, UNKNOWN, or in flight: refused. */
       :: else -> goto told
       fi
     }
  :: faults > 0 -> atomic {
       /* The answer is lost. */
       faults--;
       claimRequest(me, fp, false, applied)
     }
  od;

execute:
#ifdef ITEM
  /* A write of the handler's own, that is fenced. */
  atomic {
#ifdef NO_FENCE
    assert(myFence >= itemFence); itemFence = myFence
#else
    if
    :: itemFence < myFence -> itemFence = myFence
    :: else -> skip
    fi
#endif
  };
#endif
#ifdef STEPS
  if
  :: atomic { steps == 0 -> checkpointRequest(me, 0, applied);
              if :: applied -> skip :: else -> goto refused fi }
  :: atomic { steps > 0 -> skip }
  fi;
#endif
  if
  :: goto commit
  :: !faultsHaveEnded -> goto died
  :: !faultsHaveEnded -> goto release
  :: !faultsHaveEnded && !tookOver -> goto free
  fi;

commit:
#ifdef EFFECT_SPLIT
  atomic { effects[WINDOW_OF(me)]++; assert(effects[WINDOW_OF(me)] <= 1) }
#endif
  do
  :: !faultsHaveEnded -> goto died
  :: faults > 0 -> faults--
  :: atomic {
       faults > 0 -> faults--;
       completeRequest(me, applied)
     }
  :: atomic {
       completeRequest(me, applied);
       if
       :: faults > 0 && !commitAgain[me] -> faults--; copies++; commitAgain[me] = true
       :: true
       fi;
       goto judge
     }
  od;

judge:
  atomic {
    window = WINDOW_OF(me);
    if
    :: applied -> hear(me + 1, window)
    :: !applied && present && state == COMPLETED && owner == me -> hear(me + 1, window)
    :: !applied && present && state == COMPLETED && owner != me && fingerprint == fp -> hear(response, recordWindow)
    :: else -> skip
    fi
  }
  goto told;

release:
  atomic {
    releaseRequest(me);
    if
    :: faults > 0 && !releaseAgain[me] -> faults--; copies++; releaseAgain[me] = true
    :: true
    fi
  }
  goto refused;

free:
#ifdef STEPS
  /* It has begun. */
  goto release;
#else
  atomic { freeRequest(me) }
  goto refused;
#endif

refused:
  skip;
told:
  atomic { answered = true }
died:
  finished++
}

/* Delivers again what it has delivered before. */
proctype Network() {
  bool applied;
  byte who;
end:
  do
  :: atomic { copies > 0 -> who = 0; do :: who < N - 1 -> who++ :: break od;
       if
       :: claimAgain[who] -> claimAgain[who] = false; copies--; claimRequest(who, sentFingerprint[who], false, applied)
       :: commitAgain[who] -> commitAgain[who] = false; copies--; completeRequest(who, applied)
       :: releaseAgain[who] -> releaseAgain[who] = false; copies--; releaseRequest(who)
       :: else -> skip
       fi; who = 0; applied = false }
  od
}

/*
 * Lets a record expire, and deletes what has expired. Incomplete work in steps does not expire; and a
 * request that is still under way is older than the 15 minutes for which AWS takes its signature,
 * before the shortest retention is over.
 */
proctype Clock() {
end:
  do
  :: atomic { ends > 0 && copies == 0 && present && !expired && steps == 0 && state != UNKNOWN ->
       ends--; expired = true; hasEnded = true }
  :: atomic { copies == 0 && present && expired -> present = false }
  od
}

#ifdef COMPLETER
proctype Completer() {
  byte seen;
  bool lapsed;
end:
  atomic { present && state == CLAIMED && !expired -> seen = owner };
  atomic { if :: lapsed = true :: lapsed = false fi; unknownRequest(seen, lapsed) }
}
#endif

init {
  byte next = 0;
  atomic {
    do
    :: next < N - 1 -> run Execution(next, 0); next++
    :: else -> break
    od;
    /* One client uses the key for something else, or for the same. */
    if
    :: run Execution(N - 1, 0)
    :: run Execution(N - 1, 1)
    fi;
    run Clock();
    run Network();
#ifdef COMPLETER
    run Completer()
#endif
  };
  finished == N;
  atomic { faults = 0; faultsHaveEnded = true; answered = false; run Execution(N, 0) };
  finished == N + 1;
  /* With the faults ended, who asks is told something. */
  assert(answered)
}
