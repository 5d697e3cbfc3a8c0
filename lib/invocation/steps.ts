import {
  CommitError,
  ConfigurationError,
  RecordError,
  StepError,
  StepInterrupted,
} from "../errors.ts";
import { checkpoint } from "../protocol/checkpoint.ts";
import type { Contract } from "../protocol/contract.ts";
import type { Execution, ReplayOrRefusal } from "../protocol/execution.ts";
import { stepKey } from "../protocol/key.ts";
import { mark } from "../protocol/mark.ts";
import type { RecordedStep } from "../protocol/record.ts";
import type { ClaimedExecution } from "../protocol/settle.ts";
import type { TransactWrite } from "../protocol/transact-write.ts";
import type { CoreSettings } from "../settings/settings.ts";
import type { PlanStep, RunStep, Step, StepCommit } from "./step.ts";

/** Runs the steps of one execution, each once over all executions of its request. */
export interface Stepper {
  /** See `IdempotencyContext.step`. */
  step<Result>(name: string, run: RunStep<Result>): Promise<Result>;
  /** See `IdempotencyContext.commitStep`. */
  commitStep<Result>(name: string, plan: PlanStep<Result>): Promise<Result>;
  /** Whether a step has run, successfully or not, or is recorded. */
  hasBegun(): boolean;
  /** Whether the record says that the request has begun, by its steps or its mark. */
  isMarked(): boolean;
  /**
   * Waits for a step that is under way.
   *
   * @returns the error of a failed step, which a handler that did not wait has not seen.
   */
  idle(): Promise<{ readonly error: unknown } | undefined>;
  /** The replay or refusal in place of the handler's response: a step could not be recorded. */
  replacement(): ReplayOrRefusal | undefined;
  /**
   * Must be called before a final response is recorded.
   *
   * @returns the error that keeps the execution from ending: a step is under way, or the handler has not
   *   asked for all recorded steps.
   */
  fault(): StepError | undefined;
}

/**
 * The most that one record holds of steps, names and results together. The rest of DynamoDB's 400 KB is
 * for the stored event and for the response, which replaces both.
 */
const MOST_STEP_BYTES = 200_000;
const LONGEST_NAME = 100;

export function createStepper(
  { secrets }: CoreSettings,
  contract: Contract,
  execution: Execution,
  signal: AbortSignal,
  whyNoSteps?: string,
): Stepper {
  const { request, startedAtMs, steps: recorded } = execution;
  const origin = { id: request.id, fingerprint: execution.originFingerprint, startedAtMs };
  const done: string[] = [];
  /** The record says that the request has begun, by its steps or its mark. */
  let isMarked = recorded.length > 0 || execution.isMarked;
  let stepBytes = recorded.reduce((total, step) => total + bytesInRecord(step), 0);
  let running: { readonly name: string; readonly end: Promise<unknown> } | undefined;
  let hasRun = false;
  let replacement: ReplayOrRefusal | undefined;

  return {
    step: (name, run) => perform(name, (index) => runStep(name, index, run)),

    commitStep: (name, plan) => perform(name, (index) => runPlan(name, index, plan)),

    hasBegun: () => isMarked || hasRun || running !== undefined,

    isMarked: () => isMarked,

    async idle() {
      return running?.end.then(
        () => undefined,
        (error) => ({ error }),
      );
    },

    replacement: () => replacement,

    fault() {
      if (running !== undefined) {
        return new StepError(
          `step: "${running.name}" is running. Await it before the request ends, and before commit().`,
        );
      }
      const missing = recorded[done.length];
      return missing && changed(done.length, missing.name, "its end");
    },
  };

  /** Runs a step, unless the record has its result. */
  async function perform<Result>(
    name: string,
    run: (index: number) => Promise<Result>,
  ): Promise<Result> {
    checkUse(name);
    const index = done.length;
    const before = recorded[index];
    if (before !== undefined) {
      if (before.name !== name) throw changed(index, before.name, `"${name}"`);
      done.push(name);
      return readRecorded(before);
    }
    const end = run(index);
    running = { name, end };
    try {
      return await end;
    } finally {
      running = undefined;
    }
  }

  function checkUse(name: unknown): void {
    if (whyNoSteps !== undefined) {
      throw new ConfigurationError(
        `idempotency: nothing is claimed for this request, so its steps could not be found again. ${whyNoSteps}.`,
      );
    }
    if (execution.fence === undefined) {
      throw new ConfigurationError('idempotency: step() needs claimAt "start".');
    }
    if (contract.interrupted !== "resume") throw new ConfigurationError(needsResume(contract.name));
    if (replacement !== undefined) throw new StepInterrupted();
    if (typeof name !== "string" || name === "" || name.length > LONGEST_NAME) {
      throw new StepError(
        `step: the name is ${JSON.stringify(name)}; expected a text of 1 to ${LONGEST_NAME} characters.`,
      );
    }
    // Half a character would come back from the record as another one.
    if (!name.isWellFormed()) {
      throw new StepError(`step: the name ${JSON.stringify(name)} is no well-formed text.`);
    }
    if (running !== undefined) {
      throw new StepError(
        `step: "${name}" was started while "${running.name}" is running. Steps are recorded in order; await each before the next.`,
      );
    }
    if (done.includes(name)) {
      throw new StepError(
        `step: "${name}" was done before in this execution. Give each step a name of its own.`,
      );
    }
  }

  async function runStep<Result>(
    name: string,
    index: number,
    run: RunStep<Result>,
  ): Promise<Result> {
    let isOver = false;
    let committed: Promise<unknown> | undefined;
    const step: Step = {
      downstreamKey: stepKey(origin, name, secrets.ids),
      signal,
      commit(writes, result) {
        if (isOver || committed !== undefined) {
          return Promise.reject(
            new CommitError(`commit: step "${name}" has committed or ended before.`),
          );
        }
        const sent = record(name, index, result, writes).catch((error) => {
          committed = undefined;
          throw error;
        });
        committed = sent;
        return sent;
      },
    };
    // A turn later: `running` must name the step before the step can end.
    await undefined;
    await markBegun();
    hasRun = true;
    try {
      const result = await run(step);
      isOver = true;
      // The committed result counts, not the returned one; the function need not have waited for it.
      return committed ? ((await committed) as Result) : await record(name, index, result);
    } catch (error) {
      isOver = true;
      await committed?.catch(() => {});
      throw error;
    }
  }

  async function runPlan<Result>(
    name: string,
    index: number,
    plan: PlanStep<Result>,
  ): Promise<Result> {
    // A turn later: `running` must name the step before the step can end.
    await undefined;
    const planned: StepCommit<Result> = plan(stepKey(origin, name, secrets.ids));
    if (!Array.isArray(planned?.writes)) {
      throw new StepError(
        `commitStep: the plan of "${name}" returned no list of writes; expected { writes, result }, and no promise. Prepare the writes before the step.`,
      );
    }
    return record(name, index, planned.result, planned.writes);
  }

  /** The function of a step may act outside DynamoDB, and a completer must know of it beforehand. */
  async function markBegun(): Promise<void> {
    if (isMarked) return;
    replacement = await mark(claimed());
    if (replacement !== undefined) throw new StepInterrupted();
    isMarked = true;
  }

  /** `checkUse` refuses steps without a claim. */
  function claimed(): ClaimedExecution {
    return execution as ClaimedExecution;
  }

  async function record<Result>(
    name: string,
    index: number,
    result: Result,
    writes?: readonly TransactWrite[],
  ): Promise<Result> {
    if (replacement !== undefined) throw new StepInterrupted();
    const text = textOf(name, result);
    const step = { name, result: text };
    replacement = await checkpoint(claimed(), index, step, writes);
    if (replacement !== undefined) throw new StepInterrupted();
    stepBytes += bytesInRecord(step);
    isMarked = true;
    done.push(name);
    return readResult(text);
  }

  function textOf(name: string, result: unknown): string | undefined {
    const text = jsonOf(name, result);
    const bytes = stepBytes + bytesInRecord({ name, result: text });
    if (bytes <= MOST_STEP_BYTES) return text;
    throw new StepError(
      `step: with the result of "${name}" the record would hold ${bytes} bytes of steps; the most is ${MOST_STEP_BYTES}. It is not recorded, and runs again on the next attempt, with the same downstream key. Return an id and not a document.`,
    );
  }

  function changed(index: number, recordedName: string, found: string): StepError {
    return new StepError(
      `step: the record of this request holds "${recordedName}" as step ${index + 1}, but the handler has come to ${found}. It was changed since the request began. Deploy a handler that asks for the same steps in the same order; until then nothing more is done for this request.`,
    );
  }
}

/** The message where steps would be forgotten, or found by another request. */
export function needsResume(profileName: string): string {
  return `idempotency: step() needs a profile that resumes, and ${profileName} does not. Use orzcash(), or set interrupted: "resume".`;
}

function jsonOf(name: string, result: unknown): string | undefined {
  try {
    return JSON.stringify(result);
  } catch (cause) {
    throw new StepError(
      `step: the result of "${name}" has no JSON text (${(cause as Error).message}). Return plain data.`,
    );
  }
}

/** The bytes of a step in its record: names count as results do. */
function bytesInRecord({ name, result = "" }: RecordedStep): number {
  return Buffer.byteLength(name) + Buffer.byteLength(result);
}

/** @throws RecordError if something else has written it: the step is neither repeated nor skipped. */
function readRecorded<Result>({ name, result }: RecordedStep): Result {
  try {
    return readResult(result);
  } catch {
    throw new RecordError(
      `The record's attribute "steps" holds no JSON text as the result of "${name}". Is the table used by something else as well?`,
    );
  }
}

/** Every execution sees the value of the JSON text, the first one as well. */
function readResult<Result>(text: string | undefined): Result {
  return (text === undefined ? undefined : JSON.parse(text)) as Result;
}
