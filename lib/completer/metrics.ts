import type { CompleterCounts } from "./complete-abandoned.ts";

/**
 * The metrics of a run for one service, as a line of the log in CloudWatch's embedded format.
 * Counts of nothing are left out: every metric that is ever sent costs money each month. Present
 * ones keep their alarm on.
 *
 * @returns `undefined` if there is nothing to count.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsLine(
  service: string,
  { completed, released, unknown, unfinished, stuck }: CompleterCounts,
  nowMs: number,
): string | undefined {
  const all = {
    Completed: completed,
    Released: released,
    Unknown: unknown,
    Unfinished: unfinished,
    Stuck: stuck,
  };
  const values = Object.entries(all).filter(([, count]) => count > 0);
  if (values.length === 0) return undefined;
  const Metrics = values.map(([Name]) => ({ Name, Unit: "Count" }));
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [{ Namespace: "LambdaIdempotency", Dimensions: [["Service"]], Metrics }],
    },
    Service: service,
    ...Object.fromEntries(values),
  });
}
