import {
  type CancellationReason,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { invalid, VALIDATION } from "./errors.ts";
import { ACTIONS, checkParameters, REQUIRED_BY } from "./parameters.ts";
import type { Item } from "./value.ts";
import { type Kind, type Outcome, type PreparedWrite, refusedItem, type Write } from "./write.ts";

/** The request of a transaction that writes. */
export interface WriteTransaction {
  readonly ClientRequestToken?: string;
  readonly TransactItems: readonly Readonly<Partial<Record<Kind, Write>>>[];
}

/** For how long DynamoDB knows the token of a transaction. */
const TOKEN_MS = 10 * 60_000;
const MAX_TOKEN_LENGTH = 36;

/** The tokens of the transactions that were carried out. */
export interface TokenRegister {
  /**
   * @returns whether this transaction was carried out.
   * @throws IdempotentParameterMismatchException if another one was, under its token.
   */
  knows(transaction: WriteTransaction): boolean;
  add(transaction: WriteTransaction): void;
}

/** @param now epoch milliseconds, by which tokens are forgotten. */
export function tokenRegister(now: () => number): TokenRegister {
  const known = new Map<string, { readonly untilMs: number; readonly text: string }>();
  return {
    knows({ ClientRequestToken = "", TransactItems }) {
      if (ClientRequestToken.length > MAX_TOKEN_LENGTH) {
        invalid(`ClientRequestToken has at most ${MAX_TOKEN_LENGTH} characters`);
      }
      const earlier = known.get(ClientRequestToken);
      if (earlier === undefined || earlier.untilMs <= now()) return false;
      if (earlier.text === JSON.stringify(TransactItems)) return true;
      throw new IdempotentParameterMismatchException({
        message: "The request uses the same client token as a previous, but non-identical request.",
        $metadata: {},
      });
    },
    add({ ClientRequestToken = "", TransactItems }) {
      for (const [token, { untilMs }] of known) {
        if (untilMs > now()) break;
        known.delete(token);
      }
      if (ClientRequestToken === "") return;
      known.delete(ClientRequestToken);
      const text = JSON.stringify(TransactItems);
      known.set(ClientRequestToken, { untilMs: now() + TOKEN_MS, text });
    },
  };
}

const MAX_ACTIONS = 100;

/** The actions of a transaction, each with its kind. */
export function actionsIn<Action extends string, Request>(
  items: readonly Readonly<Partial<Record<Action, Request>>>[],
  kinds: readonly Action[],
): [kind: Action, request: Request][] {
  if (items.length === 0 || items.length > MAX_ACTIONS) {
    invalid(`A transaction has 1 to ${MAX_ACTIONS} actions, not ${items.length}`);
  }
  return items.map((item) => {
    const [[kind, request] = [], ...others] = Object.entries(item ?? {}) as [Action, Request][];
    if (kind === undefined || request === undefined || !kinds.includes(kind) || others.length > 0) {
      return invalid(
        `An action of a transaction is one of ${kinds}, not ${Object.keys(item ?? {})}`,
      );
    }
    checkParameters(`The action ${kind}`, ACTIONS[kind] ?? {}, request, REQUIRED_BY[kind]);
    return [kind, request];
  });
}

/** A write that can be carried out, on the item that it has met. */
export interface AppliedWrite {
  readonly prepared: PreparedWrite;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/**
 * Evaluates all writes of a transaction, each on its item as it is.
 *
 * @throws TransactionCanceledException if one of them cannot be carried out.
 */
export function evaluateAll(
  writes: readonly PreparedWrite[],
  itemFor: (write: PreparedWrite) => Item | undefined,
): readonly AppliedWrite[] {
  const keys = writes.map(({ write, id }) => JSON.stringify([write.TableName, id]));
  if (new Set(keys).size < writes.length) {
    invalid("Transaction request cannot include multiple operations on one item");
  }
  const evaluated = writes.map((prepared) => evaluate(prepared, itemFor(prepared)));
  const applied = evaluated.flatMap(({ outcome, ...one }) =>
    outcome?.applies ? { ...one, after: outcome.after } : [],
  );
  if (applied.length === writes.length) return applied;
  const CancellationReasons = evaluated.map(reason);
  throw new TransactionCanceledException({
    message:
      "Transaction cancelled, please refer cancellation reasons for specific reasons " +
      `[${CancellationReasons.map(({ Code }) => Code).join(", ")}]`,
    $metadata: {},
    CancellationReasons,
  });
}

interface Evaluated {
  readonly prepared: PreparedWrite;
  readonly before: Item | undefined;
  readonly outcome?: Outcome;
  /** Why the write cannot be carried out on its item. */
  readonly invalidity?: string;
}

function evaluate(prepared: PreparedWrite, before: Item | undefined): Evaluated {
  try {
    return { prepared, before, outcome: prepared.evaluate(before) };
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== VALIDATION) throw error;
    return { prepared, before, invalidity: message };
  }
}

function reason({ prepared, before, outcome, invalidity }: Evaluated): CancellationReason {
  if (invalidity !== undefined) return { Code: "ValidationError", Message: invalidity };
  if (outcome?.applies === true) return { Code: "None" };
  return {
    Code: "ConditionalCheckFailed",
    Message: "The conditional request failed",
    ...refusedItem(prepared, before),
  };
}
