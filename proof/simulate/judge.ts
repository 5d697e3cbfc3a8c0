import type { Change } from "../../lib/testing/engine/database.ts";
import type { Item } from "../../lib/testing/engine/value.ts";
import { type Account, createAccount, hasBegun, isAfterEnd } from "./account.ts";
import type { Execution } from "./execution.ts";
import type { Actor } from "./pending-event.ts";
import { describeReply, type Reply, readDecision } from "./reply.ts";
import { canCompare, createsEntities, resumes, type Service } from "./service.ts";
import { LEDGER, RECORDS } from "./tables.ts";
import { isTouched, type Window } from "./window.ts";
import type { World } from "./world.ts";

/** Watches writes and responses, and remembers the first broken promise. */
export interface Judge {
  account(tenant: string): Account;
  register(execution: Execution): void;
  checkChanges(actor: Actor, changes: readonly Change[]): void;
  /** Notes that TTL has deleted a record. */
  deleteRecord(recordId: string, record: Item): void;
  /** Checks a response that a client got. */
  checkReply(execution: Execution, reply: Reply): void;
  /** Checks a response after all faults: it must be final. */
  checkLast(execution: Execution, reply: Reply, records: ReadonlyMap<string, Item>): void;
  /** Checks the records after all faults and all last requests. */
  checkEnd(records: ReadonlyMap<string, Item>, work: Service["work"]): void;
  reportViolation(violation: string): void;
  violation(): string | undefined;
}

export function createJudge({ now, conclude }: World): Judge {
  const accounts = new Map<string, Account>();
  const tenants = new Map<string, string>();
  const executions = new Map<string, Execution>();
  let violation: string | undefined;

  const judge: Judge = {
    account(tenant) {
      let account = accounts.get(tenant);
      if (account === undefined) {
        account = createAccount(tenant, now, judge.reportViolation);
        accounts.set(tenant, account);
      }
      return account;
    },

    register(execution) {
      executions.set(execution.name, execution);
      judge.account(execution.request.tenant).begin(execution);
    },

    checkChanges(actor, changes) {
      const records = changes.filter(({ table }) => table === RECORDS);
      if (!isExecution(actor)) {
        // The completer claims nothing, and pays nothing.
        for (const { id, after } of records) {
          const tenant = tenants.get(id);
          if (tenant !== undefined && after !== undefined) judge.account(tenant).recordEnd(after);
        }
        return;
      }
      const { name, request } = actor;
      const account = judge.account(request.tenant);
      for (const { id, before, after } of records) {
        tenants.set(id, request.tenant);
        if (after !== undefined) account.recordChange(actor, before, after);
      }
      if (!changes.some(({ table }) => table === LEDGER)) return;
      account.recordEffect(actor, "DynamoDB");
      if (records.some(({ before, after }) => isAfterEnd(before, after, now()))) {
        judge.reportViolation(`${name} has paid after the end of its record`);
      }
    },

    deleteRecord(recordId, record) {
      const tenant = tenants.get(recordId);
      if (tenant !== undefined) judge.account(tenant).deleteRecord(record);
    },

    checkReply(execution, reply) {
      const { name, request, answeredWindow } = execution;
      const account = judge.account(request.tenant);
      const isOpen =
        answeredWindow !== undefined && account.openWindow(execution) === answeredWindow;
      const isExcepted = mayRemember(execution) || !canCompareWith(execution, answeredWindow);
      if (isOpen && !isConsistent(reply, answeredWindow) && !isExcepted) {
        judge.reportViolation(
          `${name} was told ${describeReply(reply)}, after another request was told ${answeredWindow.success}`,
        );
      }
      if (reply.code === "key_freed" && reply.retryAfter === undefined) {
        judge.reportViolation(`${name} was told of a freed key, and not when to come again`);
      }
      const decision = readDecision(reply);
      if (decision === undefined) return;
      if (decision.tenant !== request.tenant || decision.amount !== request.amount) {
        judge.reportViolation(
          `${name} was told of another payment: ${decision.tenant} pays ${decision.amount}`,
        );
      }
      const by = executions.get(decision.by);
      if (reply.statusCode >= 500 || by === undefined) return;
      if (reply.statusCode >= 400) account.hearRefusal(execution, by);
      const isFinal = reply.statusCode < 300 || by.window?.isComplete === true;
      if (isFinal) checkFinal(execution, by, reply);
    },

    checkLast(execution, reply, records) {
      if (readDecision(reply) !== undefined) return;
      const { name, request, configuration } = execution;
      const record = [...records].find(([id]) => tenants.get(id) === request.tenant)?.[1];
      const window = judge.account(request.tenant).openWindow(execution);
      // A route may have stored a 5xx.
      const isStored = record?.state?.S === "COMPLETED" && readStatus(record) === reply.statusCode;
      if (isStored) return;
      if (reply.statusCode < 500 && isRefusedForEver(configuration, record, window)) return;
      judge.reportViolation(`${name} got no final response, but ${describeReply(reply)}`);
    },

    checkEnd(records, work) {
      for (const [id, item] of records) {
        const tenant = tenants.get(id);
        const window = tenant === undefined ? undefined : judge.account(tenant).openWindow();
        if (window === undefined) continue;
        const isPaid = item.state?.S === "COMPLETED" && readStatus(item) === 201;
        if (work !== "bank" && isPaid && window.effects !== 1) {
          judge.reportViolation(
            `the record says that ${tenant} has paid, but the payment is missing`,
          );
        }
        if (work === "commit" && !isPaid && window.effects > 0 && !hasBegun(item)) {
          judge.reportViolation(`${tenant} has paid, but the record does not say so`);
        }
      }
    },

    reportViolation(text) {
      conclude(() => `BROKEN: ${text}`);
      violation ??= text;
    },

    violation: () => violation,
  };
  return judge;

  /** All clients of one window must get the same final response. */
  function checkFinal(execution: Execution, by: Execution, { body, statusCode }: Reply): void {
    const { name, beganAtMs, windowsBefore, clock } = execution;
    const { window } = by;
    if (window === undefined) {
      judge.reportViolation(`${name} was told of ${by.name}, which has claimed no key`);
      return;
    }
    const hadEnded = window.number <= windowsBefore && window.endsAtMs <= beganAtMs + clock.leastMs;
    // A claim of its own begins the payment anew.
    const isOld = window.isComplete || execution.window !== undefined;
    if (hadEnded && isOld && window !== execution.window) {
      judge.reportViolation(
        `${name} was told of a response that had ended before the request began`,
      );
    }
    if (window.success === undefined) window.successStatus = statusCode;
    window.success ??= body;
    if (window.success !== body) {
      judge.reportViolation(
        `${name} was told ${body}, after another request was told ${window.success}`,
      );
    }
  }
}

/**
 * Whether a key may be refused for ever: its request has ended; or its outcome is not known, and the
 * route may not take it over.
 */
function isRefusedForEver(
  configuration: Service,
  record: Item | undefined,
  window: Window | undefined,
): boolean {
  switch (record?.state?.S) {
    // The completer took the owner of an UNKNOWN record for dead, by its own clock, and told an operator.
    case "COMPLETED":
    case "UNKNOWN":
      return true;
    case "CLAIMED": {
      if (window !== undefined && !canCompare(configuration, window.writer)) return true;
      const isKept = hasBegun(record) && !resumes(configuration);
      const isRefused = configuration.interrupted === "refuse";
      // To a route that refuses, the claim of another route is begun work, in whichever way it ended.
      if (isRefused && window?.holder.configuration.interrupted !== "refuse") return true;
      if (record.entityId !== undefined && !createsEntities(configuration)) return true;
      return isKept || (isRefused && window !== undefined && isTouched(window));
    }
    default:
      return false;
  }
}

/** A route with other rules cannot know whether it meets a repeat, so it refuses. */
function canCompareWith({ configuration }: Execution, window: Window | undefined): boolean {
  return window === undefined || canCompare(configuration, window.writer);
}

/** Whether a cache may know the window before: it gives a response until its own clock shows the end. */
function mayRemember({ answeredWindow, beganAtMs, clock, configuration }: Execution): boolean {
  const endedAtMs = answeredWindow?.previous?.endsAtMs ?? 0;
  return configuration.remembers && endedAtMs > beganAtMs + clock.leastMs;
}

/**
 * Whether a reply agrees with an earlier response: it is equal, asks for a retry, or denies the repeat
 * where no responses are kept.
 */
function isConsistent(reply: Reply, { success, successStatus }: Window): boolean {
  if (reply.body === success) return true;
  if (readDecision(reply) !== undefined) return false;
  // A route that keeps no responses has recorded a tombstone, which another route replays.
  const isTombstone = reply.statusCode === successStatus;
  return isTombstone || reply.statusCode === 503 || reply.body.includes(EXISTS);
}

/** The text of Gluwa's denial. */
const EXISTS = "already exists";

function readStatus({ response }: Item): number {
  return JSON.parse(response?.S ?? "{}").statusCode;
}

function isExecution(actor: Actor): actor is Execution {
  return "request" in actor;
}
