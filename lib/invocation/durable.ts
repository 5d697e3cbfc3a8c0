import type { InvocationContext } from "../context.ts";
import { ConfigurationError, InvocationInterrupted, type RefusalCode } from "../errors.ts";
import { digest } from "../protocol/digest.ts";
import type { DurableExecution } from "../protocol/durable.ts";
import type { CoreSettings } from "../settings/settings.ts";
import type { Outputs } from "./surface.ts";

/** The members of AWS's DurableContext that the layer reads. */
interface DurableContext {
  readonly executionContext?: { readonly durableExecutionArn?: unknown } | undefined;
  /** Lambda's own context, one object for each invocation. */
  readonly lambdaContext?: (InvocationContext & object) | undefined;
  readonly step?: unknown;
  readonly wait?: unknown;
}

/**
 * Whether a context is the one that AWS's `withDurableExecution` gives to its handler. It is recognised by
 * its members, so that the layer needs no SDK.
 */
export function isDurableContext(context: object): boolean {
  const { executionContext, lambdaContext, step, wait } = context as DurableContext;
  if (executionContext?.durableExecutionArn !== undefined) return true;
  const hasOperations = typeof step === "function" && typeof wait === "function";
  return hasOperations && typeof lambdaContext === "object" && lambdaContext !== null;
}

/** The context of the invocation itself, whose members a durable context does not have. */
export function readInvocation(context: InvocationContext): InvocationContext {
  const { lambdaContext } = context as DurableContext;
  return isDurableContext(context) && lambdaContext ? lambdaContext : context;
}

/**
 * Reads the durable execution of which an invocation is a part.
 *
 * @returns `undefined` = it is part of none.
 * @throws ConfigurationError if the layer cannot keep its promises in it; nothing is claimed then.
 */
export function findDurableExecution(
  context: object,
  { claimAt, executionTimeoutSeconds }: Pick<CoreSettings, "claimAt" | "executionTimeoutSeconds">,
): DurableExecution | undefined {
  if (!isDurableContext(context)) return undefined;
  const { executionContext, lambdaContext } = context as DurableContext;
  const arn = executionContext?.durableExecutionArn;
  if (typeof arn !== "string" || arn === "") throw new ConfigurationError(NO_ARN);
  if (claimAt === "commit") throw new ConfigurationError(CLAIMS_AT_COMMIT);
  if (executionTimeoutSeconds === undefined) throw new ConfigurationError(NO_TIMEOUT);
  const id = digest("durable execution", [arn]);
  const owners = ownersIn(lambdaContext ?? context, id);
  return { id, timeoutMs: executionTimeoutSeconds * 1000, owners };
}

/**
 * The owners of one invocation, by Lambda's context object: its request id may come again. All copies of
 * this package in a process share them, or a call by one copy would be suspended for another.
 */
type OwnersByInvocation = WeakMap<object, Map<string, Set<string>>>;
const SHARED = Symbol.for("lambda-idempotency: owners by invocation");
const shared = globalThis as { [SHARED]?: OwnersByInvocation };

function ownersIn(invocation: object, executionId: string): Set<string> {
  const byInvocation: OwnersByInvocation = shared[SHARED] ?? new WeakMap();
  shared[SHARED] = byInvocation;
  const byExecution = byInvocation.get(invocation) ?? new Map<string, Set<string>>();
  byInvocation.set(invocation, byExecution);
  const owners = byExecution.get(executionId) ?? new Set<string>();
  byExecution.set(executionId, owners);
  return owners;
}

/**
 * Refuses a form of the layer that cannot run in a durable execution.
 *
 * @throws ConfigurationError
 */
export function refuseDurable(context: object | null | undefined, advice: string): void {
  if (context && isDurableContext(context)) throw new ConfigurationError(advice);
}

/** Refuses a request that a replay of its durable execution could not find again. */
export function refuseKeyless(durable: DurableExecution | undefined, isKeyless: boolean): void {
  if (durable !== undefined && isKeyless) throw new ConfigurationError(NO_KEY);
}

/** The refusals after which the next invocation of a durable execution finds out what is true. */
const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  "store_unavailable",
  "outcome_not_recorded",
  "commit_collided",
  "claim_lost",
]);

/**
 * The outputs in a durable execution. A refusal that a retry may escape would end the execution, with its
 * journal of finished steps: the request's next execution would do them again. Such a refusal ends the
 * invocation instead, and Lambda invokes the function again.
 */
export function outputsInDurable<Output>(outputs: Outputs<Output>): Outputs<Output> {
  return {
    ...outputs,
    async respond(ended) {
      if (ended.kind === "refuse" && PASSING.has(ended.refusal.code)) {
        throw new InvocationInterrupted(ended.refusal.code, ended.refusal.cause);
      }
      return outputs.respond(ended);
    },
  };
}

/** Whether an error lets AWS's SDK fail the invocation, and not the durable execution. */
export function isInvocationRetried(error: unknown): boolean {
  const { isUnrecoverableInvocation } = (error ?? {}) as Partial<InvocationInterrupted>;
  return error instanceof Error && isUnrecoverableInvocation === true;
}

const NO_ARN =
  "idempotency: the context has the operations of a durable execution, but no executionContext.durableExecutionArn, by which its replays find their claim. Nothing was executed. Pass the context of withDurableExecution on as it is.";

const CLAIMS_AT_COMMIT =
  'idempotency: claimAt is "commit", and the handler runs in a durable execution. Nothing would be claimed while it waits, so a repeat would run beside it. Nothing was executed. Use claimAt: "start", the default; commit() works with it.';

const NO_TIMEOUT =
  "idempotency: the handler runs in a durable execution, and the option executionTimeoutSeconds is missing. The claim must last as long as the execution, or a repeat would run beside it while it waits. Nothing was executed. Give the ExecutionTimeout of the function's DurableConfig.";

const NO_KEY =
  'idempotency: a request without a key runs in a durable execution, and its replays could not find its record. Nothing was executed. Use a profile that requires a key (missingKey: "refuse"), and leave other methods out of withDurableExecution(idempotent(…)).';
