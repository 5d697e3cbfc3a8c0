import type { WithIdempotency } from "../../lib/index.ts";
import type { Random } from "../../proof/kit/random.ts";
import type { TestContext } from "../support/service.ts";
import type { Ledger, Payment } from "./ledger.ts";
import type { Package } from "./versions.ts";

/** One run of a handler, with the decisions of its history. */
export interface Run {
  readonly context: WithIdempotency<TestContext>;
  readonly key: string;
  readonly payload: string;
  /** The name of this execution, and of its payment. */
  readonly id: string;
  readonly ledger: Ledger;
  /** Sleeps for as long as the history likes. */
  readonly pause: () => Promise<void>;
  readonly isRefusing: boolean;
  readonly isFailing: boolean;
  readonly isCommitStep: boolean;
  readonly payment: (id: string) => Payment;
  /** Pays outside DynamoDB, once for each downstream key. */
  readonly bank: (downstreamKey: string) => void;
}

/** What a reply says of the effect of its request; `undefined` = nothing. */
export type Said = { readonly payment: string } | { readonly refusedBy: string } | undefined;

/** A route, as both versions deploy it. */
export interface Route {
  readonly name: string;
  readonly options: (released: Package, random: Random) => object;
  readonly body: (key: string, payload: string) => string;
  readonly handle: (run: Run) => unknown;
  /** How long a record lives. */
  readonly windowMs: number;
  /** Whether its one payment is in the ledger, and its id in the response. */
  readonly paysInLedger: boolean;
  readonly read: (statusCode: number, body: string | undefined) => Said;
  /** Whether a reply of the present version ends the request. */
  readonly isFinal: (statusCode: number, body: string | undefined) => boolean;
}

const DAY_MS = 24 * 60 * 60_000;

function created(payment: string) {
  return { statusCode: 201, body: JSON.stringify({ payment }) };
}

/** Refuses or fails before anything has happened, if the history says so. */
function beforeWork({ context, isRefusing, isFailing, id }: Run): object | undefined {
  if (isFailing) throw new Error("the handler fails");
  if (!isRefusing) return undefined;
  return context.idempotency.reject({ statusCode: 422, body: JSON.stringify({ refusedBy: id }) });
}

/** Pays in the commit of its response. */
async function payInCommit(run: Run): Promise<unknown> {
  await run.pause();
  const ended = beforeWork(run);
  if (ended !== undefined) return ended;
  const { context, ledger, key, payment, id } = run;
  await run.pause();
  return context.idempotency.commit(ledger.pay(key, payment(id)), created(id));
}

/** Pays in a step, asks a bank in another, and settles with its response. */
async function payInSteps(run: Run): Promise<unknown> {
  const { context, ledger, key, payment, id, bank, isCommitStep } = run;
  const { idempotency } = context;
  await run.pause();
  if (run.isFailing) throw new Error("the handler fails");
  const writes = ledger.pay(key, payment(id));
  const reserved = isCommitStep
    ? await idempotency.commitStep("reserve", () => ({ writes, result: id }))
    : await idempotency.step("reserve", ({ commit }) => commit(writes, id));
  await run.pause();
  await idempotency.step("bank", ({ downstreamKey }) => bank(downstreamKey));
  await run.pause();
  const settled = ledger.pay(`${key} settled`, payment(reserved));
  return idempotency.commit(settled, created(reserved));
}

/** Pays outside DynamoDB alone. */
async function payOutside(run: Run): Promise<unknown> {
  await run.pause();
  const ended = beforeWork(run);
  if (ended !== undefined) return ended;
  run.bank(run.context.idempotency.downstreamKey("bank"));
  await run.pause();
  return { statusCode: 201, body: "{}" };
}

const common = {
  body: (_key: string, payload: string) => JSON.stringify({ payload }),
  handle: payInCommit,
  windowMs: DAY_MS,
  paysInLedger: true,
  read(statusCode: number, body = ""): Said {
    if (statusCode >= 500 || !/^\{"(payment|refusedBy)"/.test(body)) return undefined;
    return JSON.parse(body) as Said;
  },
  isFinal: (statusCode: number, body = "") =>
    statusCode < 300 || (statusCode === 422 && body.startsWith('{"refusedBy"')),
};

export const ROUTES: readonly [Route, ...Route[]] = [
  { ...common, name: "ietf()", options: () => ({}) },
  { ...common, name: "ietf() at the commit", options: () => ({ claimAt: "commit" }) },
  {
    ...common,
    name: "ietf() at the start or at the commit",
    options: (_released, random) => ({ claimAt: random.pick(["start", "commit"]) }),
  },
  {
    ...common,
    name: "dwolla(), read first",
    options: ({ dwolla }) => ({ profile: dwolla(), readFirst: "always" }),
  },
  {
    ...common,
    name: "orzcash() in steps",
    options: ({ orzcash }) => ({ profile: orzcash() }),
    handle: payInSteps,
  },
  {
    ...common,
    name: "ietf(), paid outside",
    options: () => ({}),
    handle: payOutside,
    paysInLedger: false,
  },
  {
    ...common,
    name: "dfns()",
    options: ({ dfns }) => ({ profile: dfns("transfer"), loadEntity: () => undefined }),
    body: (externalId, payload) => JSON.stringify({ externalId, payload }),
    windowMs: Number.POSITIVE_INFINITY,
    isFinal: (statusCode, body) => common.isFinal(statusCode, body),
  },
  {
    ...common,
    name: "gluwa()",
    options: ({ gluwa }) => ({ profile: gluwa() }),
    body: (Idem, payload) => JSON.stringify({ Idem, payload }),
    windowMs: Number.POSITIVE_INFINITY,
    isFinal: (statusCode, body) => statusCode === 409 || common.isFinal(statusCode, body),
  },
];
