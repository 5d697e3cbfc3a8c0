import type { HistoryPlan, RequestPlan, Turn } from "./plan.ts";
import type { Service } from "./service.ts";

/*
 * Histories that have once broken a promise, and histories around a safeguard that random ones hardly
 * ever need. Every search plays them first.
 */

const SERVICE: Service = {
  ...{ profile: "ietf", claimAt: "start", interrupted: "restart", work: "commit", rules: "first" },
  ...{ face: "wrapper", remembers: false, knowsTime: true },
};

const STEPS: Partial<Service> = { profile: "orzcash", interrupted: "resume", work: "steps" };

const PAYS: RequestPlan = { tenant: "alice", amount: 10, environment: 0, fortune: "pays" };

/** At a step, time for every lease to lapse, and a run of the completer. */
function runCompleter(at: number): Turn[] {
  return [
    { at, kind: "time", choice: 0 },
    { at, kind: "completer", choice: 0 },
  ];
}

function createPlan({
  service: given,
  next,
  ...parts
}: Partial<Omit<HistoryPlan, "service">> & { readonly service?: Partial<Service> }): HistoryPlan {
  const service = { ...SERVICE, ...given };
  return { next: next ?? service, skewsMs: [0, 0], requests: [PAYS], turns: [], ...parts, service };
}

export const KNOWN_HISTORIES = {
  "a takeover does not free the key, even if its handler rejects the request": createPlan({
    service: { work: "bank" },
    requests: [
      { ...PAYS, fortune: "throws afterwards" },
      { ...PAYS, fortune: "rejects" },
    ],
  }),

  "an owner whose claim a late copy restores does not free a key under which another has acted":
    createPlan({
      service: { work: "bank" },
      skewsMs: [0, 300_000],
      requests: [
        { ...PAYS, fortune: "throws 404" },
        { ...PAYS, environment: 1, fortune: "throws afterwards" },
      ],
      turns: [
        { at: 1, kind: "fault", choice: 10 },
        { at: 4, kind: "hold", choice: 20 },
      ],
    }),

  "the completer does not release a request that was refused and freed after its read": createPlan({
    service: STEPS,
    skewsMs: [-300_000, 0],
    requests: [{ ...PAYS, fortune: "rejects" }],
    turns: [
      { at: 10, kind: "completer", choice: 0 },
      { at: 1, kind: "completer", choice: 0 },
      { at: 3, kind: "hold", choice: 0 },
    ],
  }),

  "the completer does not begin a request whose record was deleted after its read": createPlan({
    service: STEPS,
    requests: [{ ...PAYS, fortune: "throws afterwards" }, PAYS],
    turns: [
      { at: 8, kind: "time", choice: 0 },
      { at: 8, kind: "completer", choice: 0 },
      { at: 16, kind: "hold", choice: 13 },
      { at: 25, kind: "time", choice: 20 },
    ],
  }),

  "a step that throws a 404 has begun, so the refusal is recorded, and the key is not freed":
    createPlan({
      service: STEPS,
      requests: [{ ...PAYS, amount: 20, fortune: "has a step that throws 404" }, PAYS],
    }),

  "a step whose commit is lost is not recorded, even if its handler ignores that": createPlan({
    service: STEPS,
    requests: [{ ...PAYS, fortune: "ignores a failed commit" }],
    turns: [{ at: 6, kind: "fault", choice: 3 }],
  }),

  "a step whose commit is lost is not recorded, even if its handler does not wait": createPlan({
    service: STEPS,
    requests: [{ ...PAYS, fortune: "does not wait" }],
    turns: [{ at: 6, kind: "fault", choice: 3 }],
  }),

  "a claim that was given up, and arrives after its FREE, does not lock the key": createPlan({
    service: { profile: "gluwa", interrupted: "refuse" },
    turns: [{ at: 1, kind: "fault", choice: 19 }],
  }),

  "a claim that was given up does not free the key of the request before": createPlan({
    service: { profile: "dfns", interrupted: "refuse", work: "bank", knowsTime: false },
    requests: [{ ...PAYS, fortune: "throws afterwards" }, PAYS],
    turns: [{ at: 10, kind: "stall", choice: 2 }],
  }),

  "a process that thaws, and gives its claim up, frees the key with a fence above all others":
    createPlan({
      service: { profile: "gluwa", interrupted: "refuse", remembers: true, knowsTime: false },
      requests: [PAYS, { ...PAYS, fortune: "throws 404" }],
      turns: [
        { at: 3, kind: "hold", choice: 7 },
        { at: 11, kind: "time", choice: 20 },
      ],
    }),

  "the completer finishes a request that was claimed after another was refused": createPlan({
    service: STEPS,
    requests: [
      { ...PAYS, fortune: "rejects" },
      { ...PAYS, fortune: "throws afterwards" },
    ],
    turns: [{ at: 0, kind: "hold", choice: 0 }, ...runCompleter(15)],
  }),

  "a commit that meets an ended record does not take the refusal that replaces it": createPlan({
    service: { claimAt: "commit" },
    requests: [PAYS, PAYS, { ...PAYS, fortune: "throws 404" }],
    turns: [
      { at: 5, kind: "time", choice: 11 },
      { at: 8, kind: "hold", choice: 6 },
    ],
  }),

  "a claim does not take the place of an ended record that its owner completes meanwhile":
    createPlan({
      service: { work: "bank", knowsTime: false },
      requests: [PAYS, PAYS],
      turns: [
        { at: 2, kind: "hold", choice: 2 },
        { at: 2, kind: "time", choice: 11 },
        { at: 4, kind: "hold", choice: 3 },
      ],
    }),

  "a completer's call does not take over begun work on a route that does not resume": createPlan({
    service: STEPS,
    next: SERVICE,
    requests: [{ ...PAYS, fortune: "throws afterwards" }],
    turns: [{ at: 4, kind: "deploy", choice: 0 }, ...runCompleter(7)],
  }),

  "a 404 that a client was told of begun work is not followed by the completer's payment":
    createPlan({
      service: { profile: "gluwa", interrupted: "resume", work: "steps" },
      requests: [
        { ...PAYS, fortune: "has a step that throws 404" },
        { ...PAYS, tenant: "bob" },
      ],
      turns: runCompleter(9),
    }),

  "a commit takes over a claim that was made under earlier rules": createPlan({
    next: { ...SERVICE, claimAt: "commit", rules: "second after first" },
    requests: [{ ...PAYS, fortune: "throws" }],
    turns: [{ at: 1, kind: "deploy", choice: 0 }],
  }),

  "requests that a handler sends after its response belong to its own execution": createPlan({
    service: { profile: "orzcash", interrupted: "resume", face: "middleware" },
    requests: [{ ...PAYS, fortune: "does not wait" }, PAYS],
    turns: [{ at: 4, kind: "hold", choice: 5 }],
  }),
} satisfies Record<string, HistoryPlan>;
