import type { MappingDefinition } from "../queue/mapping/event-source-mapping.ts";
import { demand, demandKnown } from "./demand.ts";
import { type AssetFolders, readFunction } from "./functions.ts";
import type { QueueDefinition } from "./queues.ts";
import type { Template } from "./template.ts";

type MappingProperties = {
  EventSourceArn?: string;
  FunctionName?: string;
  Enabled?: boolean;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency?: number };
};

const KNOWN = [
  "EventSourceArn",
  "FunctionName",
  "Enabled",
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "FunctionResponseTypes",
  "ScalingConfig",
  // Without an effect on this machine: throughput, metrics, costs.
  "ProvisionedPollerConfig",
  "MetricsConfig",
  "LoggingConfig",
  "Tags",
];

/** Lambda's own default for queues. */
const DEFAULT_BATCH_SIZE = 10;
/** The largest batch without a window, and of a FIFO queue. */
const LARGEST_PLAIN_BATCH = 10;
/** Lambda starts with so many batches at once; the local cloud adds none. */
const DEFAULT_CONCURRENCY = 5;

/**
 * The event source mappings of a stack.
 *
 * @param queues the queues of all stacks.
 * @throws for a source that is no queue of the assembly, a property that the local cloud does not
 *   know, and a mapping that Lambda would not create.
 */
export function readQueueMappings(
  template: Template,
  assets: AssetFolders,
  queues: readonly QueueDefinition[],
): MappingDefinition[] {
  return template.ofType("AWS::Lambda::EventSourceMapping").map(([logicalId, resource]) => {
    const properties = template.resolve(resource.Properties) as MappingProperties;
    const queue = queues.find(({ arn }) => arn === properties.EventSourceArn);
    if (!queue) {
      throw new Error(
        `The local cloud cannot run ${logicalId} (AWS::Lambda::EventSourceMapping) of stack ` +
          `${template.stackName}: its source ${properties.EventSourceArn} is not a queue of the assembly.`,
      );
    }
    demandKnown(logicalId, properties, KNOWN);
    const mapping = {
      logicalId,
      queueArn: queue.arn,
      function: readFunction(template, assets, toUri(properties.FunctionName)),
      isEnabled: properties.Enabled !== false,
      batchSize: Number(properties.BatchSize ?? DEFAULT_BATCH_SIZE),
      windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
      maxConcurrency: Number(properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY),
      reportsFailures:
        properties.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
    };
    checkMapping(mapping, queue);
    return mapping;
  });
}

/** The property holds the name of a function, or its ARN, with or without an alias. */
function toUri(functionName: string | undefined): string {
  return functionName?.includes(":function:") ? functionName : `:function:${functionName}`;
}

function checkMapping(mapping: MappingDefinition, queue: QueueDefinition): void {
  const { logicalId, batchSize, windowMs, function: target } = mapping;
  demand(!(queue.isFifo && windowMs > 0), `${logicalId} has a batching window for a FIFO queue`);
  const isPlain = queue.isFifo || windowMs === 0;
  const largest = isPlain ? LARGEST_PLAIN_BATCH : 10_000;
  demand(
    batchSize >= 1 && batchSize <= largest,
    `${logicalId} has the batch size ${batchSize}, more than ${largest} or less than 1`,
  );
  if (queue.visibilityTimeoutMs >= target.timeoutMs) return;
  throw new Error(
    `Lambda would refuse ${logicalId}: Queue visibility timeout: ${queue.visibilityTimeoutMs / 1000} seconds ` +
      `is less than Function timeout: ${target.timeoutMs / 1000} seconds.`,
  );
}
