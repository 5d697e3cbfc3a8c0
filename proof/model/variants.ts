import type { Expectation } from "./finding.ts";

/** The options of one search, which the model reads from its environment; 0 if they are left out. */
export type SearchOptions = {
  /** The name of the safeguard that is left out. */
  readonly without?: string;
  /** The number of executions during the faults; 2 if it is left out. */
  readonly executions?: 3;
} & Partial<Record<Option, number>>;

/** The routes by which the executions of one search may come, in any mixture. */
type RouteOption =
  | "STARTS"
  | "COMMITS"
  | "RESTARTS"
  | "RESUMPTIONS"
  | "REFUSALS"
  | "OTHER_PAYLOAD"
  | "COMPLETER";

/** `SCHEMES`: some functions make fingerprints under a scheme that the others had before. */
type Option = RouteOption | "ITEM" | "OLD_RECORD" | "SCHEMES" | "ENDS" | "MORE_CLAIMS";

export interface Variant extends Expectation {
  readonly options: SearchOptions;
}

const RESTARTS: SearchOptions = { STARTS: 1, RESTARTS: 1, ENDS: 1, MORE_CLAIMS: 1 };
const REFUSES: SearchOptions = { STARTS: 1, REFUSALS: 1, ENDS: 1, MORE_CLAIMS: 1 };
const COMMITS: SearchOptions = { COMMITS: 1, RESTARTS: 1, ENDS: 1 };
const RESUMES: SearchOptions = { STARTS: 1, RESUMPTIONS: 1, COMPLETER: 1, ENDS: 1 };
const OVER_OLD_RECORDS: SearchOptions = { OLD_RECORD: 1, ENDS: 0 };
const STARTS: SearchOptions = { STARTS: 1, RESTARTS: 1, REFUSALS: 1, ENDS: 1, MORE_CLAIMS: 1 };

const THREE_COMMITS: SearchOptions = { COMMITS: 1, RESTARTS: 1, executions: 3 };

/** Each safeguard that is left out, on routes that need it. */
const PLANTED: Readonly<Record<string, SearchOptions>> = {
  "no fence": { ...RESTARTS, ITEM: 1, without: "NO_FENCE" },
  "no owner check": { ...RESTARTS, without: "NO_OWNER_CHECK" },
  "blind release": { ...RESTARTS, without: "BLIND_RELEASE" },
  "no fingerprint in the takeover": {
    ...RESTARTS,
    OTHER_PAYLOAD: 1,
    without: "NO_FINGERPRINT_IN_TAKEOVER",
  },
  "effect split from completion": { ...RESTARTS, without: "EFFECT_SPLIT" },
  "completion as an upsert": { ...RESTARTS, without: "COMPLETE_IS_AN_UPSERT" },
  "FREE asks for the owner alone": { ...RESTARTS, without: "FREE_FORGETS_OTHERS" },
  "a first claim takes a freed record": { ...REFUSES, without: "FREED_AS_EXPIRY" },
  "TTL deletes at once": { ...REFUSES, without: "TTL_AT_ONCE" },
  "a record is replaced without its owner and fence": {
    ...REFUSES,
    without: "REPLACES_WITHOUT_OWNER",
  },
  "a record is replaced without its state and end": {
    ...RESTARTS,
    without: "REPLACES_WITHOUT_STATE",
  },
  "a first claim takes an ended claim": { ...RESTARTS, without: "INHERITS_FROM_ENDED" },
  "a commit takes an ended record": { ...COMMITS, without: "COMMIT_TAKES_ENDED" },
  "a commit takes a freed record": { ...COMMITS, without: "COMMIT_TAKES_FREED" },
  "a commit after the end of its claim": { ...RESTARTS, without: "COMMIT_AFTER_END" },
  "a refusal without a claim writes nothing": { ...COMMITS, without: "REFUSES_UNRECORDED" },
  "a refusal is told although FREE was refused": { ...RESTARTS, without: "REFUSES_UNRECORDED" },
  "a restart takes begun work over": {
    STARTS: 1,
    RESTARTS: 1,
    RESUMPTIONS: 1,
    without: "RESTART_FORGETS_STEPS",
  },
  "begun work ends": { ...RESUMES, RESTARTS: 1, without: "BEGUN_WORK_ENDS" },
  "the completer begins work": { ...RESUMES, without: "COMPLETER_BEGINS_WORK" },
  "the completer's release keeps the owner": { ...RESUMES, without: "RELEASE_KEEPS_OWNER" },
  "the completer's release forgets begun work": { ...RESUMES, without: "RELEASE_FORGETS_BEGUN" },
  "the completer gives up what its client can resume": {
    ...RESUMES,
    without: "GIVES_UP_RESUMABLE",
  },
  "past an ended record, a commit claims a freed one": {
    ...OVER_OLD_RECORDS,
    ...COMMITS,
    without: "LATE_CLAIM_TAKES_FREED",
  },
  "past a lapsed claim, a commit claims a freed one": {
    ...COMMITS,
    STARTS: 1,
    without: "LATE_CLAIM_TAKES_FREED",
  },
  "a claim is undone only where it has arrived": { ...REFUSES, without: "UNDOES_CLAIMED_ALONE" },
  "a claim is rewritten without its owner and fence": {
    ...RESTARTS,
    OTHER_PAYLOAD: 1,
    OLD_RECORD: 1,
    without: "REWRITES_WITHOUT_OWNER",
  },
  "a claim of release 0.1 is resumed without a mark": {
    STARTS: 1,
    RESTARTS: 1,
    RESUMPTIONS: 1,
    OLD_RECORD: 1,
    without: "REWRITE_LEAVES_UNMARKED",
  },
};

/** The same, where two executions keep the promises. */
const PLANTED_AMONG_THREE: Readonly<Record<string, SearchOptions>> = {
  "a refusal claims a freed record": { ...THREE_COMMITS, without: "LATE_REFUSAL_TAKES_FREED" },
  "FREE forgets the names of refused requests": {
    ...THREE_COMMITS,
    OTHER_PAYLOAD: 1,
    without: "FREE_FORGETS_NAMES",
  },
};

export const VARIANTS: readonly Variant[] = [
  holds("claimed at the start, another payload", { ...STARTS, OTHER_PAYLOAD: 1, ITEM: 1 }),
  holds("claimed at the commit", { ...COMMITS, REFUSALS: 1 }),
  holds("claimed at the commit, another payload", { ...COMMITS, OTHER_PAYLOAD: 1 }),
  holds("claimed at the commit or the start", { ...COMMITS, STARTS: 1, ENDS: 0 }),
  holds("claimed at the commit, over old records", { ...COMMITS, ...OVER_OLD_RECORDS }),
  holds("resumed, with a completer", RESUMES),
  holds("resumed, with a completer, over old records", { ...RESUMES, ...OVER_OLD_RECORDS }),
  holds("refused, with a completer", { ...REFUSES, COMPLETER: 1 }),
  holds("two schemes, another payload", { ...RESTARTS, SCHEMES: 1, OTHER_PAYLOAD: 1 }),
  holds("two schemes, claimed at the commit", { ...COMMITS, ENDS: 0, SCHEMES: 1 }),
  long("resumed or restarted, with a completer, another payload", {
    ...RESUMES,
    RESTARTS: 1,
    MORE_CLAIMS: 1,
    OTHER_PAYLOAD: 1,
  }),
  long("resumed, restarted or committed, with a completer", {
    ...RESUMES,
    RESTARTS: 1,
    COMMITS: 1,
  }),
  long("resumed, two schemes, over old records", {
    ...RESUMES,
    ...OVER_OLD_RECORDS,
    SCHEMES: 1,
  }),
  long("any time of the claim, another payload", { ...STARTS, COMMITS: 1, OTHER_PAYLOAD: 1 }),
  long("any time of the claim, over old records", {
    ...STARTS,
    ...OVER_OLD_RECORDS,
    COMMITS: 1,
    MORE_CLAIMS: 0,
  }),
  long("3 executions, claimed at the commit", THREE_COMMITS),
  ...Object.entries(PLANTED).map(([title, options]) => violation(`planted: ${title}`, options)),
  ...Object.entries(PLANTED_AMONG_THREE).map(([title, options]) => ({
    ...violation(`planted: ${title}`, options),
    mostStates: 4_000_000,
    isLong: true,
  })),
];

function holds(title: string, options: SearchOptions): Variant {
  return { title, options, expected: "holds" };
}

function long(title: string, options: SearchOptions): Variant {
  return { ...holds(title, options), isLong: true };
}

function violation(title: string, options: SearchOptions): Variant {
  return { title, options, expected: "violation", mostStates: 200_000 };
}
