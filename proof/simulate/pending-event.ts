/** The possible fates of a pending event. */
export type Fate =
  | "happens"
  /** It does not arrive. */
  | "lost"
  /** It is taken for lost, and arrives later. */
  | "late"
  /** It arrives twice. */
  | "twice"
  /** It is refused: capacity is missing, or another transaction is in the way. */
  | "refused"
  /** It is a read that misses the last write. */
  | "stale"
  /** Its receiver has been killed. */
  | "killed";

/** The outcome of a pending event. A late event arrives after `steps` steps. */
export interface EventOutcome {
  readonly fate: Fate;
  readonly steps: number;
  /** Whether every retry fails as well, as after half of the faults. */
  readonly isForGood: boolean;
}

/** An execution, or a run of the completer: it acts, and waits for events. */
export interface Actor {
  /** The name in stories. */
  readonly name: string;
  /** Of the events that could come next, the event of the actor with the lowest order does. */
  readonly order: number;
  /** Whether it does several things at the same time. */
  readonly isConcurrent?: boolean;
  /** Whether its process has been killed. */
  isKilled?: boolean;
  /** Whether no copy of its FREE was carried out in time. */
  hasLostFree?: boolean;
}

/** A scheduled event: a message is sent or arrives, or a sleep ends. */
export interface PendingEvent {
  readonly order: number;
  /** Its possible fates other than to happen. */
  readonly fates: readonly Exclude<Fate, "happens">[];
  /** The number of steps for which it is held back. */
  readonly steps?: number;
}
