/** What can become of a thing that is about to happen. */
export type Fate =
  | "happens"
  /** It does not arrive. */
  | "lost"
  /** It is taken for lost, and arrives later. */
  | "late"
  /** It arrives twice. */
  | "twice"
  /** It is refused: there is no capacity, or another transaction is in the way. */
  | "refused"
  /** It is a read that misses the last write. */
  | "stale"
  /** Whom it would reach has been killed. */
  | "killed";

/** What became of a thing; a late one arrives after so many steps. */
export interface Event {
  readonly fate: Fate;
  readonly steps: number;
  /** To try again is in vain; half of the faults are so. */
  readonly isForGood: boolean;
}

/** Whoever does things, and waits for things to happen. */
export interface Actor {
  /** For people. */
  readonly name: string;
  /** Of the things that could happen next, one for the actor with the lowest order does. */
  readonly order: number;
  /** It does several things at the same time. */
  readonly isManifold?: boolean;
}

/** A thing that is to happen: to be sent, to arrive, or an end of a sleep. */
export interface Thing {
  readonly order: number;
  /** What else can become of it. */
  readonly fates: readonly Exclude<Fate, "happens">[];
  /** How many steps it is held back. */
  readonly steps?: number;
  /** It is a request to DynamoDB, or its answer, without which the request may be sent again. */
  readonly isOnTheWay?: boolean;
}
