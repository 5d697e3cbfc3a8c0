import type { Item } from "../../lib/testing/engine/value.ts";
import type { Execution } from "./execution.ts";
import { createsEntities, resumes } from "./service.ts";
import { createWindow, isOver, type Window } from "./window.ts";

/** The judge's knowledge of one tenant's key, which the code under test does not share. */
export interface Account {
  /** Notes that an execution begins. A client's request is a sign that the client still wants it. */
  begin(execution: Execution): void;
  /** Notes that the handler runs. */
  run(execution: Execution): void;
  /** The window that has not ended by any clock of an execution, or by the true clock. */
  openWindow(execution?: Execution): Window | undefined;
  /** Notes a change of the key's record. */
  recordChange(execution: Execution, before: Item | undefined, after: Item): void;
  /** The completer has written to a claim: a released one ends. */
  recordEnd(after: Item): void;
  /** Notes an effect of the execution, in DynamoDB or elsewhere. */
  recordEffect(execution: Execution, place: "DynamoDB" | "elsewhere"): void;
  /** Notes that a step with an effect outside DynamoDB begins. */
  recordStep(execution: Execution, name: string): void;
  /** Notes that a client got a refusal of the handler, which is final as far as the client knows. */
  hearRefusal(execution: Execution, by: Execution): void;
  /** Notes that TTL has deleted the record. */
  deleteRecord(record: Item): void;
}

/** A refusal that a client got. */
interface HeardRefusal {
  readonly moment: number;
  readonly heardAtMs: number;
  readonly by: Execution;
}

/**
 * The longest time after the end of a record in which a message of its owner may be on its way, and by
 * which clocks may differ.
 */
const LATEST_MS = 30 * 60_000;

/** @param reportViolation called for each broken promise. */
export function createAccount(
  tenant: string,
  now: () => number,
  reportViolation: (violation: string) => void,
): Account {
  const windows: Window[] = [];
  const refusals = new Map<number, HeardRefusal>();
  /** The moment at which a client last sent a request with this amount. */
  const sent = new Map<number, number>();
  let moment = 0;
  let lastFence = 0;

  const account: Account = {
    begin(execution) {
      moment += 1;
      execution.moment = moment;
      execution.beganAtMs = now();
      execution.windowsBefore = windows.length;
      execution.endedBefore = windows.filter((window) =>
        isOver(window, latestClock(execution)),
      ).length;
      if (!execution.isCompletion) sent.set(execution.request.amount, moment);
    },

    run(execution) {
      moment += 1;
      execution.handlerMoment = moment;
    },

    openWindow(execution) {
      const last = windows.at(-1);
      const clockMs = execution === undefined ? now() : latestClock(execution);
      return last === undefined || isOver(last, clockMs) ? undefined : last;
    },

    recordChange(execution, before, after) {
      const { state } = after;
      checkBegun(execution, before, after);
      if (after.owner?.S !== before?.owner?.S) checkFence(execution, Number(after.fence?.N));
      if (state?.S === "FREED") {
        moment += 1;
        execution.freedMoment = moment;
        const last = windows.at(-1);
        if (last === undefined) return;
        if (isOver(last, latestClock(execution)) || mayFree(execution, last)) last.isClosed = true;
        return;
      }
      if (after.owner?.S !== before?.owner?.S) recordClaim(execution, before, after);
      const { window } = execution;
      if (window === undefined) return;
      if (state?.S === "COMPLETED") window.isComplete = true;
      if (window === windows.at(-1)) window.endsAtMs = readEnd(after);
      checkEntity(execution, window, after);
      for (const step of readSteps(after)) window.steps.add(step);
      window.hasBegun ||= hasBegun(after);
    },

    recordEnd(after) {
      const last = windows.at(-1);
      if (last !== undefined && after.state?.S === "CLAIMED") last.endsAtMs = readEnd(after);
    },

    recordEffect(execution, place) {
      const window = execution.window ?? findWindow(execution);
      window.effects += 1;
      if (window.effects > 1) reportViolation(`${tenant} has paid twice under one key`);
      checkPayload(execution, window);
      if (place === "DynamoDB") checkWanted(execution, window);
    },

    recordStep(execution, name) {
      const { window } = execution;
      if (window === undefined) return;
      window.hasBegun = true;
      if (execution.knownSteps?.has(name)) {
        reportViolation(`${execution.name} repeats the step "${name}", which was recorded`);
      }
    },

    hearRefusal(execution, by) {
      moment += 1;
      refusals.set(execution.request.amount, {
        ...{ moment: by.freedMoment ?? moment, heardAtMs: now(), by },
      });
    },

    deleteRecord(record) {
      if (record.state?.S === "CLAIMED" && hasBegun(record)) {
        reportViolation(`TTL has deleted the begun work of ${tenant}`);
      }
      const last = windows.at(-1);
      if (last !== undefined && isOver(last, now())) last.isClosed = true;
    },
  };
  return account;

  /** The latest time that the clock of an execution may have shown so far. */
  function latestClock({ clock }: Execution): number {
    return now() + clock.mostMs;
  }

  function checkFence({ name }: Execution, fence: number): void {
    if (fence <= lastFence) {
      reportViolation(`${name} has claimed with fence ${fence}, which is not above ${lastFence}`);
    }
    lastFence = fence;
  }

  function recordClaim(execution: Execution, before: Item | undefined, after: Item): void {
    const window = continuedWindow(before, after) ?? findWindow(execution);
    const isTakeover = window.claimants.length > 0 && before?.state?.S === "CLAIMED";
    if (isTakeover && window.hasBegun && !resumes(execution.configuration)) {
      reportViolation(`${execution.name} has taken over begun work, and does not resume it`);
    }
    if (isTakeover && window.entityId !== undefined && !createsEntities(execution.configuration)) {
      reportViolation(`${execution.name} has taken over an entity's request, and creates none`);
    }
    window.holder = execution;
    // A completer's attempt claims by the record's own fingerprint.
    if (!execution.isCompletion) window.writer = execution.configuration;
    window.claimants.push(execution);
    execution.window = window;
    execution.knownSteps = new Set(window.steps);
    moment += 1;
    if (execution.claimMoment === undefined)
      execution.hasClaimedLate = execution.hasReplied || execution.isKilled === true;
    execution.claimMoment ??= moment;
    checkPayload(execution, window);
  }

  /**
   * The window that a takeover goes on with. The claim may have been on its way when the record ended: its
   * condition compares the time at which it was made.
   */
  function continuedWindow(before: Item | undefined, after: Item): Window | undefined {
    const last = windows.at(-1);
    const isTakeover = before?.startedAt !== undefined && before.startedAt.N === after.startedAt?.N;
    return isTakeover && last !== undefined && last.endsAtMs + LATEST_MS > now() ? last : undefined;
  }

  /** The window that has not ended, or a new one. */
  function findWindow(holder: Execution): Window {
    const open = account.openWindow(holder);
    if (open !== undefined) return open;
    if (holder.isCompletion)
      reportViolation(`${holder.name} has begun a request after the end of its window`);
    const last = windows.at(-1);
    if (last !== undefined) last.isClosed = true;
    const window = createWindow(last, holder);
    windows.push(window);
    return window;
  }

  function mayFree(execution: Execution, window: Window): boolean {
    return window.holder === execution && !execution.mustKeepKey && window.effects === 0;
  }

  function checkPayload({ name, request }: Execution, { amount }: Window): void {
    if (amount === request.amount) return;
    reportViolation(
      `${name}, which pays ${request.amount}, has taken the key of a payment of ${amount}`,
    );
  }

  /** What has begun is never forgotten, but for its response. */
  function checkBegun({ name }: Execution, before: Item | undefined, after: Item): void {
    if (before?.state?.S !== "CLAIMED" || after.state?.S === "COMPLETED") return;
    const isForgotten =
      (before.begun !== undefined && after.begun === undefined) ||
      readSteps(before).length > readSteps(after).length;
    if (isForgotten) reportViolation(`${name} has forgotten begun work`);
  }

  /** An entity's id is kept over every attempt of its request. */
  function checkEntity({ name }: Execution, window: Window, { entityId }: Item): void {
    if (window.entityId !== undefined && entityId?.S !== window.entityId) {
      reportViolation(`${name} has forgotten the id of an entity`);
    }
    window.entityId ??= entityId?.S;
  }

  /** A payment is wanted by its client: within its window, and not after a refusal. */
  function checkWanted(execution: Execution, window: Window): void {
    const { name, request, configuration } = execution;
    const another = windows.find(
      ({ number, effects }) =>
        number !== window.number && number > execution.endedBefore && effects > 0,
    );
    // A claim by an execution that is still at work finds the key unused, as a later request does.
    if (another !== undefined && execution.hasClaimedLate) {
      reportViolation(`${name} has paid, although ${tenant} had paid since it began`);
    }
    if (window.success !== undefined && window.successStatus >= 400) {
      reportViolation(`${name} has paid after a client was told ${window.success}`);
    }
    const refusal = refusals.get(request.amount);
    if (refusal === undefined || (sent.get(request.amount) ?? 0) > refusal.moment) return;
    const isEarlier = beginOf(execution) < refusal.moment;
    // Not claimed (DESIGN.md): the freed record is taken by a claim that is older than the refusal.
    const isOlderClaim =
      configuration.claimAt === "start" &&
      refusal.by.configuration.claimAt === "commit" &&
      !execution.isCompletion;
    // Nor an execution that lives longer than a freed record, where no remaining time ends it.
    const isImmortal = !configuration.knowsTime && now() >= refusal.heardAtMs + LATEST_MS;
    const isExcepted = isOlderClaim || isImmortal;
    if (isEarlier && !isExcepted) {
      reportViolation(
        `${name} has paid ${request.amount}, after the client was refused by ${refusal.by.name} and had not come again`,
      );
    }
  }

  /**
   * An attempt begins with its claim, unless that arrives late; without a claim, with its handler, and with
   * the read before that. A completer's attempt goes on with the first attempt of its window.
   */
  function beginOf(execution: Execution): number {
    const { configuration, moment, claimMoment, handlerMoment, isCompletion, window } = execution;
    if (isCompletion) {
      const first = window?.claimants[0];
      return first === undefined || first.isCompletion ? 0 : beginOf(first);
    }
    if (execution.hasClaimedLate) return moment;
    const begin = configuration.claimAt === "start" ? claimMoment : handlerMoment;
    return begin ?? moment;
  }

  /** The end of a record. Begun work never ends incomplete. */
  function readEnd(record: Item): number {
    if (record.state?.S === "CLAIMED" && hasBegun(record)) return Number.POSITIVE_INFINITY;
    return readSeconds(record.endsAt);
  }
}

/** Whether a commit under a claim comes so late that its record had ended before it was sent. */
export function isAfterEnd(
  before: Item | undefined,
  after: Item | undefined,
  nowMs: number,
): boolean {
  if (before?.state?.S !== "CLAIMED" || before.owner?.S !== after?.owner?.S) return false;
  return readSeconds(before.endsAt) + LATEST_MS <= nowMs;
}

function readSeconds(attribute: Item[string] | undefined): number {
  return attribute?.N === undefined ? Number.POSITIVE_INFINITY : Number(attribute.N) * 1_000;
}

export function hasBegun(record: Item): boolean {
  return record.begun !== undefined || readSteps(record).length > 0;
}

function readSteps({ steps }: Item): readonly string[] {
  return (steps?.L ?? []).map(({ M }) => M?.name?.S ?? "");
}
