import { expect, test } from "@jest/globals";
import { metricsLine } from "../../lib/completer/metrics.ts";

const NOTHING = { completed: 0, released: 0, unknown: 0, unfinished: 0, stuck: 0 };

test("a run without anything to count has no metrics, so that an idle service costs nothing", () => {
  expect(metricsLine("pay", NOTHING, 1_000)).toBeUndefined();
});

test("every count above 0 is a metric of its service, and no other", () => {
  expect(
    JSON.parse(metricsLine("pay", { ...NOTHING, released: 2, stuck: 1 }, 1_000) ?? ""),
  ).toEqual({
    _aws: {
      Timestamp: 1_000,
      CloudWatchMetrics: [
        {
          Namespace: "LambdaIdempotency",
          Dimensions: [["Service"]],
          Metrics: [
            { Name: "Released", Unit: "Count" },
            { Name: "Stuck", Unit: "Count" },
          ],
        },
      ],
    },
    Service: "pay",
    Released: 2,
    Stuck: 1,
  });
});
