import type { Change } from "../../local/engine/in-memory/database.ts";
import type { Item } from "../../local/engine/in-memory/value.ts";
import { type Account, accountOf, type Execution, type Window } from "./account.ts";
import type { Service } from "./plan.ts";
import { decisionIn, type Reply, wordsOf } from "./reply.ts";
import { LEDGER, RECORDS } from "./tables.ts";
import type { Actor } from "./thing.ts";
import type { World } from "./world.ts";

/** Watches what is written and what is answered, and remembers the first promise that was broken. */
export interface Judge {
  account(tenant: string): Account;
  began(execution: Execution): void;
  changed(actor: Actor, changes: readonly Change[]): void;
  /** A record has expired, or is gone. */
  expired(recordId: string): void;
  /** A client was told. */
  heard(execution: Execution, reply: Reply): void;
  /** All faults have ended, and everybody has asked once more. */
  ended(records: ReadonlyMap<string, Item>, work: Service["work"]): void;
  objects(violation: string): void;
  violation(): string | undefined;
}

export function judgeOf({ now, conclude }: World): Judge {
  const accounts = new Map<string, Account>();
  const byRecord = new Map<string, Account>();
  const executions = new Map<string, Execution>();
  let violation: string | undefined;

  const judge: Judge = {
    account(tenant) {
      let account = accounts.get(tenant);
      if (account === undefined) {
        account = accountOf(tenant, now, judge.objects);
        accounts.set(tenant, account);
      }
      return account;
    },

    began(execution) {
      executions.set(execution.name, execution);
    },

    changed(actor, changes) {
      // The completer claims nothing, and pays nothing.
      if (!isExecution(actor)) return;
      const execution = actor;
      const account = judge.account(execution.request.tenant);
      for (const { table, id, before, after } of changes) {
        if (table === LEDGER) account.paid(execution);
        if (table !== RECORDS || after === undefined) continue;
        byRecord.set(id, account);
        account.recorded(execution, before, after);
      }
    },

    expired(recordId) {
      byRecord.get(recordId)?.expired();
    },

    heard(execution, reply) {
      const { name, request, toldBefore } = execution;
      const isOpen =
        toldBefore !== undefined && judge.account(request.tenant).open() === toldBefore;
      if (isOpen && !isAsGood(reply, toldBefore)) {
        judge.objects(
          `${name} was told ${wordsOf(reply)}, after somebody was told ${toldBefore.heard}`,
        );
      }
      const decision = decisionIn(reply);
      if (decision === undefined) return;
      if (decision.tenant !== request.tenant || decision.amount !== request.amount) {
        judge.objects(`${name} was told of ${decision.tenant} paying ${decision.amount}`);
      }
      const isFinal = reply.statusCode < 300 || reply.statusCode === 402;
      if (isFinal) heardFinal(execution, decision.by, reply.body);
    },

    ended(records, work) {
      for (const [id, item] of records) {
        const window = byRecord.get(id)?.open();
        if (window === undefined) continue;
        const { tenant } = window.holder.request;
        const isPaid = item.state?.S === "COMPLETED" && statusIn(item) === 201;
        if (work !== "bank" && isPaid && window.effects !== 1) {
          judge.objects(`the record says that ${tenant} has paid, but nothing was paid`);
        }
        if (work === "commit" && !isPaid && window.effects > 0) {
          judge.objects(`${tenant} has paid, but the record does not say so`);
        }
      }
    },

    objects(text) {
      conclude(() => `BROKEN: ${text}`);
      violation ??= text;
    },

    violation: () => violation,
  };
  return judge;

  /** Whoever is told of an end is told what the others of its window are told. */
  function heardFinal({ name, request, endedBefore }: Execution, by: string, body: string): void {
    const window = executions.get(by)?.window;
    if (window === undefined) {
      judge.objects(`${name} was told what ${by} has done, which has claimed nothing`);
      return;
    }
    const hasEnded =
      window.number <= endedBefore && judge.account(request.tenant).open() !== window;
    if (hasEnded && window.isComplete) {
      judge.objects(`${name} was told what had expired before it began`);
    }
    window.heard ??= body;
    if (window.heard !== body) {
      judge.objects(`${name} was told ${body}, after somebody was told ${window.heard}`);
    }
  }
}

/** Equal, or a word that it must be asked again; or that it has happened, where no answers are kept. */
function isAsGood(reply: Reply, { heard }: Window): boolean {
  if (reply.body === heard) return true;
  const isRefusal = decisionIn(reply) === undefined;
  return isRefusal && (reply.statusCode === 503 || reply.body.includes(EXISTS));
}

/** In Gluwa's words. */
const EXISTS = "already exists";

function statusIn({ response }: Item): number {
  return JSON.parse(response?.S ?? "{}").statusCode;
}

function isExecution(actor: Actor): actor is Execution {
  return "request" in actor;
}
