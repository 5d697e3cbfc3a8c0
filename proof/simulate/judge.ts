import type { Change } from "./dynamodb/engine.ts";
import type { Item } from "./dynamodb/operand.ts";
import type { Execution, Window } from "./execution.ts";
import type { Service } from "./plan.ts";
import { LEDGER, RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

/** What a client was answered. */
export interface Reply {
  readonly statusCode: number;
  readonly body: string;
}

/** The answer of a handler that has decided; `by` is the execution that did. */
export interface Decision {
  readonly tenant: string;
  readonly amount: number;
  readonly by: string;
}

/** What is known from outside about the key of one tenant. Nothing of it is known to the code. */
interface Account {
  readonly tenant: string;
  windows: number;
  last: Window | undefined;
  isOpen: boolean;
  fence: number;
}

/** Watches what is written and what is answered, and remembers the first promise that was broken. */
export interface Judge {
  violation(): string | undefined;
  /** How many windows of the tenant's key have ended. */
  endedOf(tenant: string): number;
  /** The payload to which the key is bound now. */
  amountOf(tenant: string): number | undefined;
  began(execution: Execution): void;
  changed(execution: Execution, changes: readonly Change[]): void;
  /** It has had its effect, in DynamoDB or elsewhere. */
  paid(execution: Execution): void;
  /** The promise about this record has ended by itself. */
  expired(recordId: string): void;
  heard(execution: Execution, reply: Reply): void;
  /** All faults have ended, and everybody has asked once more. */
  ended(records: ReadonlyMap<string, Item>, work: Service["work"]): void;
  objects(violation: string): void;
}

export function judgeOf({ now, conclude }: World): Judge {
  const accounts = new Map<string, Account>();
  const byRecord = new Map<string, Account>();
  const executions = new Map<string, Execution>();
  let violation: string | undefined;

  const judge: Judge = {
    violation: () => violation,
    endedOf(tenant) {
      const { windows, isOpen } = accountOf(tenant);
      return isOpen ? windows - 1 : windows;
    },
    amountOf(tenant) {
      const { isOpen, last } = accountOf(tenant);
      return isOpen ? last?.amount : undefined;
    },
    began(execution) {
      executions.set(execution.name, execution);
    },
    changed(execution, changes) {
      for (const { table, id, before, after } of changes) {
        if (table === LEDGER) judge.paid(execution);
        if (table === RECORDS && after !== undefined) recorded(execution, id, before, after);
      }
    },
    paid(execution) {
      const account = accountOf(execution.request.tenant);
      const window = execution.window ?? (account.isOpen ? account.last : open(account, execution));
      if (window === undefined) return;
      window.effects += 1;
      if (window.effects > 1) judge.objects(`${account.tenant} has paid twice under one key`);
      if (window.amount !== execution.request.amount) tookOver(execution, window);
    },
    expired(recordId) {
      const account = byRecord.get(recordId);
      if (account !== undefined) account.isOpen = false;
    },
    heard(execution, reply) {
      const decision = decisionIn(reply);
      if (decision === undefined) return;
      const { tenant, amount } = execution.request;
      const { by } = decision;
      if (decision.tenant !== tenant || decision.amount !== amount) {
        judge.objects(
          `${execution.name}, where ${tenant} pays ${amount}, got the answer to ${decision.tenant} paying ${decision.amount}`,
        );
      }
      if (reply.statusCode >= 300 && reply.statusCode !== 402) return;
      const window = executions.get(by)?.window;
      if (window === undefined) {
        judge.objects(`${execution.name} was told what ${by} has done, which has done nothing`);
        return;
      }
      if (window.isComplete && window.number <= execution.endedBefore && !isOpen(window, tenant)) {
        judge.objects(`${execution.name} was told what had expired before it began`);
      }
      window.heard ??= reply.body;
      if (window.heard !== reply.body) {
        judge.objects(
          `${execution.name} was told ${reply.body}, after somebody was told ${window.heard}`,
        );
      }
    },
    ended(records, work) {
      for (const [id, item] of records) {
        const account = byRecord.get(id);
        const { last } = account ?? {};
        if (account === undefined || last === undefined || !account.isOpen) continue;
        const statusCode = item.state?.S === "COMPLETED" ? statusIn(item) : undefined;
        if (work !== "bank" && statusCode === 201 && last.effects !== 1) {
          judge.objects(`the record says that ${account.tenant} has paid, and nothing was paid`);
        }
        if (work === "commit" && last.effects > 0 && statusCode !== 201) {
          judge.objects(`${account.tenant} has paid, and the record does not say so`);
        }
      }
    },
    objects(text) {
      conclude(() => `BROKEN: ${text}`);
      violation ??= text;
    },
  };
  return judge;

  function accountOf(tenant: string): Account {
    let account = accounts.get(tenant);
    if (account === undefined) {
      account = { tenant, windows: 0, last: undefined, isOpen: false, fence: 0 };
      accounts.set(tenant, account);
    }
    return account;
  }

  function isOpen(window: Window, tenant: string): boolean {
    const { last, isOpen: open } = accountOf(tenant);
    return open && last === window;
  }

  function open(account: Account, holder: Execution): Window {
    account.windows += 1;
    account.isOpen = true;
    const { amount } = holder.request;
    account.last = { number: account.windows, amount, holder, effects: 0, isComplete: false };
    return account.last;
  }

  function recorded(execution: Execution, id: string, before: Item | undefined, after: Item): void {
    const account = accountOf(execution.request.tenant);
    byRecord.set(id, account);
    if (after.state?.S === "COMPLETED" && execution.window) execution.window.isComplete = true;
    if (after.owner?.S !== before?.owner?.S) {
      claimed(execution, account, after);
    } else if (after.expiresAt?.N === "0" && before?.expiresAt?.N !== "0") {
      const { last } = account;
      if (last?.holder === execution && !execution.mustKeepKey && last.effects === 0)
        account.isOpen = false;
    } else if (!account.isOpen && account.last === execution.window && !hasExpired(after)) {
      // Whoever slept for days under a claim that nobody else wanted has completed it.
      account.isOpen = true;
    }
  }

  function claimed(execution: Execution, account: Account, { fence }: Item): void {
    if (Number(fence?.N) <= account.fence) {
      judge.objects(
        `${execution.name} has claimed with fence ${fence?.N}, which is not above ${account.fence}`,
      );
    }
    account.fence = Number(fence?.N);
    const window =
      account.isOpen && account.last !== undefined ? account.last : open(account, execution);
    window.holder = execution;
    execution.window = window;
    if (window.amount !== execution.request.amount) tookOver(execution, window);
  }

  function tookOver(execution: Execution, { amount }: Window): void {
    judge.objects(
      `${execution.name}, which pays ${execution.request.amount}, has taken the key of paying ${amount}`,
    );
  }

  function hasExpired({ expiresAt }: Item): boolean {
    return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= now();
  }
}

function statusIn({ response }: Item): number {
  return JSON.parse(response?.S ?? "{}").statusCode;
}

/** What the handler has decided; refusals of the layer are not the handler's. */
export function decisionIn({ body }: Reply): Decision | undefined {
  return body.startsWith('{"tenant"') ? JSON.parse(body) : undefined;
}
