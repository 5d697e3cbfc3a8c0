import type { Agent } from "node:https";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { boundedClient, longestCallMs } from "../../lib/dynamodb/client.ts";

const REGION = { region: "eu-central-1" };

describe("a bounded client", () => {
  test("makes 3 attempts of at most 2 seconds, which end with an error", async () => {
    const { config } = boundedClient(REGION);
    expect(await config.maxAttempts()).toBe(3);
    const { requestHandler } = config as unknown as {
      requestHandler: { configProvider: Promise<object> };
    };
    expect(await requestHandler.configProvider).toMatchObject({
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      throwOnRequestTimeout: true,
    });
  });

  test("keeps its connections alive, so that only a cold start pays for one", async () => {
    const { requestHandler } = boundedClient(REGION).config as unknown as {
      requestHandler: { configProvider: Promise<{ httpsAgent: Agent }> };
    };
    const { httpsAgent } = await requestHandler.configProvider;
    expect(httpsAgent).toMatchObject({ keepAlive: true, maxSockets: 50 });
  });

  test("has ended each call after 11 seconds", () => {
    expect(longestCallMs(boundedClient(REGION))).toBe(11_000);
  });

  test("takes whatever else a client needs, which wins", async () => {
    const { config } = boundedClient({ ...REGION, maxAttempts: 7 });
    expect(await config.maxAttempts()).toBe(7);
    expect(await config.region()).toBe("eu-central-1");
  });

  test.each<[string, DynamoDBClientConfig]>([
    ["attempts", { maxAttempts: 7 }],
    ["a handler", { requestHandler: {} }],
    ["a way to retry", { retryMode: "standard" }],
    ["a strategy", { retryStrategy: undefined } as unknown as DynamoDBClientConfig],
  ])("with other bounds ends nobody knows when: %s", (_name, config) => {
    expect(longestCallMs(boundedClient({ ...REGION, ...config }))).toBe(Number.POSITIVE_INFINITY);
  });
});

test("how long another client takes is not known", () => {
  expect(longestCallMs(new DynamoDBClient(REGION))).toBe(Number.POSITIVE_INFINITY);
});
