import type { Change } from "../../local/engine/in-memory/database.ts";
import type { Item } from "../../local/engine/in-memory/value.ts";
import { type Account, createAccount, type Execution, type Window } from "./account.ts";
import type { Actor } from "./pending-event.ts";
import type { Service } from "./plan.ts";
import { describeReply, type Reply, readDecision } from "./reply.ts";
import { LEDGER, RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

/** Watches writes and responses, and remembers the first broken promise. */
export interface Judge {
  account(tenant: string): Account;
  register(execution: Execution): void;
  checkChanges(actor: Actor, changes: readonly Change[]): void;
  /** Ends the window of a record that has expired or was deleted. */
  expire(recordId: string): void;
  /** Checks a response that a client got. */
  checkReply(execution: Execution, reply: Reply): void;
  /** Checks the records after all faults and all last requests. */
  checkEnd(records: ReadonlyMap<string, Item>, work: Service["work"]): void;
  reportViolation(violation: string): void;
  violation(): string | undefined;
}

export function createJudge({ now, conclude }: World): Judge {
  const accounts = new Map<string, Account>();
  const byRecord = new Map<string, Account>();
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
    },

    checkChanges(actor, changes) {
      // The completer claims nothing, and pays nothing.
      if (!isExecution(actor)) return;
      const execution = actor;
      const account = judge.account(execution.request.tenant);
      for (const { table, id, before, after } of changes) {
        if (table === LEDGER) account.recordEffect(execution);
        if (table !== RECORDS || after === undefined) continue;
        byRecord.set(id, account);
        account.recordChange(execution, before, after);
      }
    },

    expire(recordId) {
      byRecord.get(recordId)?.expire();
    },

    checkReply(execution, reply) {
      const { name, request, answeredWindow } = execution;
      const isOpen =
        answeredWindow !== undefined &&
        judge.account(request.tenant).openWindow() === answeredWindow;
      if (isOpen && !isConsistent(reply, answeredWindow)) {
        judge.reportViolation(
          `${name} was told ${describeReply(reply)}, after another request was told ${answeredWindow.success}`,
        );
      }
      const decision = readDecision(reply);
      if (decision === undefined) return;
      if (decision.tenant !== request.tenant || decision.amount !== request.amount) {
        judge.reportViolation(
          `${name} was told of another payment: ${decision.tenant} pays ${decision.amount}`,
        );
      }
      const isFinal = reply.statusCode < 300 || reply.statusCode === 402;
      if (isFinal) checkFinal(execution, decision.by, reply.body);
    },

    checkEnd(records, work) {
      for (const [id, item] of records) {
        const window = byRecord.get(id)?.openWindow();
        if (window === undefined) continue;
        const { tenant } = window.holder.request;
        const isPaid = item.state?.S === "COMPLETED" && readStatus(item) === 201;
        if (work !== "bank" && isPaid && window.effects !== 1) {
          judge.reportViolation(
            `the record says that ${tenant} has paid, but the payment is missing`,
          );
        }
        if (work === "commit" && !isPaid && window.effects > 0) {
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
  function checkFinal({ name, request, endedBefore }: Execution, by: string, body: string): void {
    const window = executions.get(by)?.window;
    if (window === undefined) {
      judge.reportViolation(`${name} was told of ${by}, which has claimed no key`);
      return;
    }
    const hasEnded =
      window.number <= endedBefore && judge.account(request.tenant).openWindow() !== window;
    if (hasEnded && window.isComplete) {
      judge.reportViolation(
        `${name} was told of a response that had expired before the request began`,
      );
    }
    window.success ??= body;
    if (window.success !== body) {
      judge.reportViolation(
        `${name} was told ${body}, after another request was told ${window.success}`,
      );
    }
  }
}

/**
 * Whether a reply agrees with an earlier success: it is equal, asks for a retry, or denies the repeat
 * where no responses are kept.
 */
function isConsistent(reply: Reply, { success }: Window): boolean {
  if (reply.body === success) return true;
  const isRefusal = readDecision(reply) === undefined;
  return isRefusal && (reply.statusCode === 503 || reply.body.includes(EXISTS));
}

/** The text of Gluwa's denial. */
const EXISTS = "already exists";

function readStatus({ response }: Item): number {
  return JSON.parse(response?.S ?? "{}").statusCode;
}

function isExecution(actor: Actor): actor is Execution {
  return "request" in actor;
}
