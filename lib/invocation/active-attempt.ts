import { createContext } from "../context.ts";
import { StepError } from "../errors.ts";
import { complete } from "../protocol/complete.ts";
import type { Contract } from "../protocol/contract.ts";
import type { Execution, Exit, ReplayOrRefusal } from "../protocol/execution.ts";
import { free } from "../protocol/free.ts";
import { downstreamKey } from "../protocol/key.ts";
import {
  type Ending,
  isMiddyTimeout,
  isRefusal,
  isRefused,
  type Settlement,
  settle,
  settleUnclaimed,
} from "../protocol/outcome.ts";
import { settleAsRepeat, settleWithoutResponse } from "../protocol/settle.ts";
import type { CoreSettings } from "../settings/settings.ts";
import type { ActiveAttempt, HandlerResult, Sent } from "./attempt.ts";
import { createCommitter } from "./commits.ts";
import { isInvocationRetried } from "./durable.ts";
import { LATE_RESPONSE, mayBeEarlyResponse, releaseOrLeave } from "./early-response.ts";
import { KEY_BEFORE_STEPS, REJECTED_AFTER_STEPS, uncommittedError } from "./handler-mistakes.ts";
import {
  endingOf,
  type HandlerEnd,
  mayHaveEffectsElsewhere,
  NO_PROGRESS,
  type Progress,
} from "./progress.ts";
import { createStepper } from "./steps.ts";
import type { Outputs, ReadOutput } from "./surface.ts";

/** Everything that an attempt with a running handler needs. */
export interface ExecutionParts<Output> {
  readonly contract: Contract;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  readonly execution: Execution;
  readonly outputs: Outputs<Output>;
  readonly abort: AbortController;
  readonly signal: AbortSignal;
  /**
   * The reason why steps are refused, for a request whose record no repeat can find: nothing but a commit
   * is recorded for it, and its result goes on as it is. `undefined` = every ending is recorded.
   */
  readonly whyNoSteps: string | undefined;
}

/** The attempt in which the handler runs. Its ending settles the claim. */
export function createActiveAttempt<Output>(
  settings: CoreSettings,
  parts: ExecutionParts<Output>,
): ActiveAttempt {
  const { tools, secrets } = settings;
  const { contract, execution, outputs, abort, signal, whyNoSteps } = parts;
  const { request, startedAtMs, fence, entityId } = execution;
  const isRecorded = whyNoSteps === undefined;
  const isResumed =
    isRecorded &&
    settings.claimAt === "start" &&
    contract.interrupted === "resume" &&
    fence !== undefined;
  const origin = { id: request.id, fingerprint: execution.originFingerprint, startedAtMs };
  const marks = new WeakMap<object, "rejected" | "final">();
  const stepper = createStepper(settings, contract, execution, signal, whyNoSteps);
  const committer = createCommitter(settings, execution, outputs, () =>
    mayHaveEffectsElsewhere(progress()),
  );
  let noted: Progress = { ...NO_PROGRESS, tookOver: execution.claims > 1 };
  let isSettled = false;
  /** The output without a commit that no later refusal may deny. */
  let ended: Output | undefined;
  let isKept = false;

  return {
    context: createContext({
      fence,
      entityId,
      key: parts.key,
      tenant: parts.tenant,
      signal,
      downstreamKey(name) {
        if (isResumed && !stepper.isMarked()) throw new StepError(KEY_BEFORE_STEPS);
        noted = { ...noted, usedDownstreamKey: true };
        return downstreamKey(origin, name, secrets.ids);
      },
      step: stepper.step,
      commitStep: stepper.commitStep,
      commit(writes, response) {
        const fault = stepper.fault();
        if (fault !== undefined) return Promise.reject(fault);
        noted = { ...noted, triedCommit: true };
        return committer.commit(writes, response);
      },
      onReject: (response) => {
        if (stepper.hasBegun()) throw new StepError(REJECTED_AFTER_STEPS);
        marks.set(response, "rejected");
      },
      onFinal: (response) => {
        marks.set(response, "final");
      },
    }),

    async returned(result, own) {
      // A result that no repeat can get goes on unread.
      const read = isRecorded ? outputs.read(result) : undefined;
      if (own !== undefined && mayBeEarly(own)) {
        const passedOn = await passOn(read);
        return passedOn === undefined ? result : outputs.send(passedOn);
      }
      const failures = [await committer.idle(), await stepper.idle()];
      const failure = failures.find((one) => one !== undefined);
      const replacement = stepper.replacement();
      if (replacement !== undefined) return giveWay(replacement).then(outputs.send);
      if (failure !== undefined) {
        // The handler has returned without waiting, and does not know that nothing was committed.
        await end({ kind: "threw", error: failure.error }, outputs.ofError(failure.error));
        throw failure.error;
      }
      if (committer.output() !== undefined) {
        const { output } = read ?? outputs.read(result);
        const checked = committer.check(output, own !== undefined);
        return checked === output && !isRecorded ? result : outputs.send(checked);
      }
      if (read === undefined) {
        close();
        return result;
      }
      return outputs.send((await endWith(read, own ?? { result })) ?? read.output);
    },

    async threw(error, sent) {
      const isKnown = committer.output() !== undefined || stepper.replacement() !== undefined;
      if (sent !== undefined && isRecorded && !isKnown && mayBeEarly(sent.own)) {
        const passedOn = await passOn(outputs.read(sent.result));
        return isRefusal(error) ? send(passedOn) : undefined;
      }
      if (isMiddyTimeout(error)) {
        // The handler's downstream calls should stop; nothing waits for them.
        abort.abort(error);
      } else {
        await committer.idle();
        await stepper.idle();
        const replacement = stepper.replacement();
        if (replacement !== undefined) return send(await giveWay(replacement));
      }
      if (committer.output() !== undefined) return send(committer.outputTo(error));
      if (!isRecorded) {
        // A late commit would move money behind the error, and no repeat could find it.
        close();
        return undefined;
      }
      if (!isSettled && sent !== undefined) {
        const replaced = await endWith(outputs.read(sent.result), sent.own);
        if (replaced !== undefined) return send(replaced);
      }
      const marked = outputs.areRefusalsFinal ? undefined : outputs.original(error);
      const mark = marks.get(marked as object);
      const thrown = { kind: "threw", error, mark } as const;
      if (isSettled) return isRefusal(error) ? send(ended) : undefined;
      return send(await end(thrown, outputs.ofError(error)));
    },
  };

  /** @returns `undefined` = nothing takes the place of the handler's error. */
  function send(output: Output | undefined): Sent | undefined {
    return output === undefined ? undefined : { response: outputs.send(output) };
  }

  /**
   * Whether a response may be Middy's and not the handler's. One that the handler committed or marked is its own.
   *
   * @param own the first response, from the handler or in its place.
   */
  function mayBeEarly({ result }: HandlerResult): boolean {
    const isHandlers = marks.has(result as object) || committer.hasReturned(result);
    return !isSettled && !isHandlers && mayBeEarlyResponse(result, request);
  }

  /**
   * Sends a response that may not be the handler's and records nothing of it: the handler may go on,
   * under its claim, and repeats get its commit.
   */
  async function passOn(read: ReadOutput<Output> | undefined): Promise<Output | undefined> {
    const replacement = stepper.replacement();
    if (replacement !== undefined) return giveWay(replacement);
    isSettled = true;
    abort.abort();
    const committed = committer.output();
    if (committed !== undefined || read === undefined) return committed;
    const { output, statusCode } = read;
    const wouldBe = contract.outcome({ kind: "returned", statusCode });
    const message = wouldBe === "complete" ? LATE_RESPONSE : undefined;
    const exit = await settleWithoutResponse(execution, "leave", message);
    return exit.kind === "stands" ? output : outputs.respond(exit);
  }

  /** Ends an attempt of which nothing is recorded. */
  function close(): void {
    isSettled = true;
    committer.close();
  }

  function progress(): Progress {
    return { ...noted, ranStep: stepper.hasBegun() };
  }

  /** A step could not be recorded: another execution, or the next attempt, goes on from there. */
  async function giveWay(replacement: ReplayOrRefusal): Promise<Output> {
    if (!isSettled) {
      isSettled = true;
      // The next invocation of a durable execution goes on under its claim.
      const settlement = request.durable ? "leave" : releaseOrLeave(request);
      await settleWithoutResponse(execution, settlement);
    }
    return outputs.respond(replacement);
  }

  /** @returns an output in place of the given one. */
  async function endWith(
    { output, statusCode, fault }: ReadOutput<Output>,
    own: HandlerResult,
  ): Promise<Output | undefined> {
    const mark = marks.get(own.result as object);
    const isFaulty = fault !== undefined;
    const replaced = await end({ kind: "returned", statusCode, mark, isFaulty }, output);
    if (fault !== undefined && replaced === undefined) {
      const repeats = isKept ? ", now and on every repeat" : "";
      const message = `The result of the handler is no valid response: ${fault.problem}. ${fault.consequence}${repeats}. ${fault.remedy}`;
      tools.observe({ kind: "invalidResponse", recordId: request.id, message });
    }
    return replaced;
  }

  /** @returns an output in place of the given one. */
  async function end(handlerEnd: HandlerEnd, output: Output): Promise<Output | undefined> {
    if (!isRecorded) {
      close();
      return undefined;
    }
    isSettled = true;
    const ending = endingOf(progress(), handlerEnd);
    const exit = await settleAs(ending, output);
    if (exit.kind !== "stands") return outputs.respond(exit);
    if (ending.hasBegun || isKept) ended = output;
    return undefined;
  }

  async function settleAs(ending: Ending, output: Output): Promise<Exit> {
    const decided = decideSettlement(ending);
    const { areRefusalsFinal } = outputs;
    const settlement = settleUnclaimed(decided, ending, execution, areRefusalsFinal);
    // A handler that outlives Middy's early time-out still owns its claim and may commit. After any other
    // end a late commit is refused: it would move money after the client had its response.
    if (settlement !== "leave") committer.close();
    if (settlement === "release" || settlement === "leave") {
      return settleWithoutResponse(execution, settlement);
    }
    let owner = execution;
    if (settlement === "free") {
      const freed = await free(execution);
      if (freed.kind !== "begun") return freed;
      owner = freed.execution;
      const isFinal = decideSettlement({ ...ending, hasBegun: true }) === "complete";
      if (!isFinal) return settleWithoutResponse(owner, "release");
    }
    const fault = stepper.fault();
    if (fault !== undefined) {
      await settleWithoutResponse(execution, releaseOrLeave(request));
      throw fault;
    }
    const mustCommit = owner.fence === undefined && settings.uncommitted === "refuse";
    const isRefusing = ending.kind !== "returned" && isRefused(ending);
    if (mustCommit && !committer.wasRefused() && !isRefusing) return refuseUncommitted(ending);
    const { text, notKept: reason } = outputs.store(output);
    if (reason !== undefined) tools.observe({ kind: "bodyNotKept", recordId: request.id, reason });
    const exit = await complete(owner, text);
    isKept = exit.kind === "stands";
    return exit;
  }

  function decideSettlement(ending: Ending): Settlement {
    const { outcome, interrupted } = contract;
    const { durable } = request;
    const thrown = ending.kind === "threw" ? outputs.original(ending.error) : undefined;
    if (durable !== undefined && isInvocationRetried(thrown)) return "leave";
    // No other layer ends a durable execution early, and the claim would stay as long as it may last.
    const remainingMs = durable ? undefined : request.remainingMs();
    return settle(outcome, ending, remainingMs, tools.leaseMarginMs, interrupted === "refuse");
  }

  /** A response without a commit, where every response must come from one; unless it is a repeat. */
  async function refuseUncommitted({ kind }: Ending): Promise<Exit> {
    const exit = await settleAsRepeat(execution);
    if (exit.kind !== "stands" || kind === "threw") return exit;
    throw uncommittedError(request.id);
  }
}
