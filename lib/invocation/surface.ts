import type { Fault } from "../checks/fault.ts";
import type { InvocationContext } from "../context.ts";
import type { Refusal } from "../errors.ts";
import type { Compared } from "../protocol/comparison.ts";
import type { Contract } from "../protocol/contract.ts";
import type { ReplayOrRefusal } from "../protocol/execution.ts";

/**
 * The seam between one request's life cycle and its world: HTTP, or the caller of a function.
 *
 * @typeParam Output a response to the caller, of the handler or of the layer, before it gets the form in
 *   which the caller takes it.
 */
export interface Surface<Output> {
  /**
   * Finds the record that an input is about, from its tenant, operation and key.
   *
   * @param invocationId the platform's id of this invocation.
   * @throws ConfigurationError if the input cannot be read, and the errors of the options that read it.
   */
  identify(
    input: unknown,
    invocation: InvocationContext,
    invocationId: string | undefined,
  ): Promise<Identity<Output> | RefusedRequest<Output>>;
}

/** The record of a request, when the request claims it, and the form of its outputs. */
export interface Identity<Output> {
  /** The client's key; `undefined` = none was sent, or a completer sends the request. */
  readonly key: string | undefined;
  /** The authenticated principal; `undefined` = there is a single one, or the request needs none. */
  readonly tenant: string | undefined;
  readonly recordId: string;
  /** The request's fingerprints. */
  readonly compared: Compared;
  /** The contract of the route, or as much of it as holds for this request. */
  readonly contract: Contract;
  readonly claim: ClaimPlan;
  readonly outputs: Outputs<Output>;
  /** Decides whether the record is read before the key is claimed. */
  readonly isReadFirst: () => boolean;
  /** Asks the user's own rules for a refusal; absent = there are none for this request. */
  readonly findRefusal?: (() => Promise<RefusedByRules<Output> | undefined>) | undefined;
  /** Writes the text that the record keeps for a completer; absent = no completer invokes with it. */
  readonly writeKept?: (() => Kept) | undefined;
}

/** A text for a completer; or its size, if it is too large to keep. */
export type Kept =
  | { readonly text: string }
  | { readonly text: undefined; readonly bytes: number; readonly mostBytes: number };

/** When the record of a request is claimed. */
export type ClaimPlan =
  /**
   * Before the handler runs. `takeover` replaces the contract's rule: `"only"` = a completer resumes
   * abandoned work and begins none; `"never"` = no other request can find the record. `isKept`: the
   * record keeps the event already.
   */
  | { readonly at: "start"; readonly takeover?: "only" | "never"; readonly isKept?: boolean }
  /** By the write that completes the record. */
  | { readonly at: "commit" }
  /** By a commit alone. No repeat can find the record, so nothing else is recorded. */
  | { readonly at: "commit only"; readonly whyNoSteps: string };

/** A request that is refused before any record is looked at. */
export interface RefusedRequest<Output> {
  readonly outputs: Outputs<Output>;
  readonly tenant: string | undefined;
  /** The id of its record, if it is known. */
  readonly recordId?: string;
  readonly refusal: Refusal;
}

/** A refusal by the user's own rules: the output that they returned, or the error that they threw. */
export type RefusedByRules<Output> =
  | { readonly output: Output; readonly statusCode: number }
  | { readonly error: unknown };

/** The forms of one request's outputs: read, stored, repeated, sent. */
export interface Outputs<Output> {
  /** Reads the handler's result as its caller will. */
  read(result: unknown): ReadOutput<Output>;
  /** A copy of a result that the handler commits, or the fault that keeps it from being stored. */
  readCommitted(result: unknown): { readonly output: Output } | { readonly fault: Fault };
  /** The error as the handler threw it. */
  original(error: unknown): unknown;
  /**
   * Whether a client that was refused does not come back: no attempt may do what was refused, and the
   * status of a thrown error says whether it is a refusal. Otherwise a mark on the error says so.
   */
  readonly areRefusalsFinal: boolean;
  /** The output that stands in the record for an error. */
  ofError(error: unknown): Output;
  /** The text of the record, and the reason if the output itself is not in it. */
  store(output: Output): { readonly text: string; readonly notKept?: string };
  /** The result of `commit` for the handler, which may change it. @throws a refusal that is an error. */
  toHandler(output: Output): unknown;
  /** The output for a replay or a refusal of the protocol. */
  respond(ended: ReplayOrRefusal): Promise<Output>;
  /** The output in the form that the caller takes. @throws a refusal that is an error. */
  send(output: Output): unknown;
}

/** The output that a caller gets of a handler's result. */
export interface ReadOutput<Output> {
  readonly output: Output;
  /** The HTTP status; 200 for any result of a function. */
  readonly statusCode: number;
  readonly fault?: (Fault & { readonly consequence: string }) | undefined;
}
