import { CONTRACT_REQUIREMENTS } from "../checks/contract.ts";
import { check, oneOf, optional, type Requirements } from "../checks/requirements.ts";
import type { Tools } from "../protocol/execution.ts";
import { LONGEST_INVOCATION_MS } from "../protocol/lease.ts";
import { queue, stream } from "../value/contracts.ts";
import type { FunctionOptions } from "../value/options.ts";
import {
  FUNCTION_REQUIREMENTS,
  type FunctionSettings,
  resolveFunction,
} from "../value/settings.ts";
import type { BatchItem, BatchSource } from "./batch.ts";
import type { BatchOptions } from "./options.ts";

/** The checked options of a batch with their defaults. */
export interface BatchSettings
  extends Required<Pick<BatchOptions, "mismatch" | "concurrency" | "stopBeforeMs" | "failures">> {
  readonly sqs: BatchOptions["sqs"] | undefined;
  readonly tools: Tools;
  /** The settings of each record, by the source of the batch. */
  readonly forRecords: (source: BatchSource) => FunctionSettings;
}

const WHERE = "idempotentBatch";

type AllOptions = { [Name in keyof BatchOptions]-?: unknown };

const REQUIREMENTS: Requirements<AllOptions> = {
  ...FUNCTION_REQUIREMENTS,
  inFlight: optional(CONTRACT_REQUIREMENTS.inFlight),
  mismatch: optional(oneOf("return", "acknowledge")),
  concurrency: optional([
    (value) => Number.isInteger(value) && (value as number) > 0,
    "a whole number above 0",
  ]),
  stopBeforeMs: optional([
    (value) => typeof value === "number" && value > 0 && value < LONGEST_INVOCATION_MS,
    `milliseconds above 0 and below ${LONGEST_INVOCATION_MS}`,
  ]),
  failures: optional(oneOf("report", "throw")),
  sqs: optional([
    isSqs,
    "{ client } with the method changeMessageVisibility, for example { client: new SQS({}) } of @aws-sdk/client-sqs; an SQSClient has no such method",
  ]),
};

/**
 * Checks the options of a batch when its handler is wrapped.
 *
 * @throws ConfigurationError that names the wrong option, its value and the expected one.
 */
export function resolveBatch<BatchRecord, Context>(
  options: BatchOptions<BatchRecord, Context>,
): BatchSettings {
  check<AllOptions>(WHERE, options, REQUIREMENTS);
  const { mismatch = "return", concurrency = 10, stopBeforeMs = 2_000, sqs } = options;
  const { inFlight, contract } = options;
  // One set of tools for all sources, so that they share what the process remembers.
  const base = resolveFunction(WHERE, {
    ...(options as FunctionOptions<never, never>),
    contract: { ...(contract ?? queue()), ...(inFlight && { inFlight }) },
  });
  const records = { ...base, ...readingItems(base) };
  const own = base.contractOf(undefined);
  const { name, inFlight: waits } = stream();
  const waiting = { ...own, name, inFlight: inFlight ?? waits };
  const fromQueue = { ...records, contractOf: () => own };
  const fromStream = contract === undefined ? { ...records, contractOf: () => waiting } : fromQueue;
  return {
    ...{ mismatch, concurrency, stopBeforeMs, sqs },
    failures: options.failures ?? "report",
    tools: base.tools,
    forRecords: (source) => (source === "sqs" ? fromQueue : fromStream),
  };
}

/** The input of a call is an item here; the user's functions get its record. */
function readingItems({
  tenant,
  contentOf,
  readKey,
}: FunctionSettings): Pick<FunctionSettings, "readKey" | "tenant" | "contentOf"> {
  const recordOf = (item: unknown) => (item as BatchItem).record;
  return {
    tenant: tenant && ((item, context) => tenant(recordOf(item), context)),
    contentOf: (item) => contentOf(recordOf(item)),
    readKey: (item, context) => readKey(recordOf(item), context),
  };
}

function isSqs(value: unknown): boolean {
  const { client, queueUrl, ...others } = (value ?? {}) as Record<string, unknown>;
  const { changeMessageVisibility } = (client ?? {}) as Record<string, unknown>;
  const isUrl = queueUrl === undefined || (typeof queueUrl === "string" && queueUrl !== "");
  const isKnown = Object.keys(others).length === 0;
  return typeof changeMessageVisibility === "function" && isUrl && isKnown;
}
