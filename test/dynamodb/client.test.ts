import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Agent } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "@jest/globals";
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

  test("takes the other options of a client, which take precedence", async () => {
    const { config } = boundedClient({ ...REGION, maxAttempts: 7 });
    expect(await config.maxAttempts()).toBe(7);
    expect(await config.region()).toBe("eu-central-1");
  });

  test.each<[string, DynamoDBClientConfig]>([
    ["attempts", { maxAttempts: 7 }],
    ["a handler", { requestHandler: {} }],
    ["a way to retry", { retryMode: "adaptive" }],
    ["a strategy", { retryStrategy: {} } as unknown as DynamoDBClientConfig],
  ])("with other bounds has no known end: %s", (_name, config) => {
    expect(longestCallMs(boundedClient({ ...REGION, ...config }))).toBe(Number.POSITIVE_INFINITY);
  });
});

test("an option that is undefined is none: the bounds hold", async () => {
  const client = boundedClient({
    ...REGION,
    maxAttempts: undefined,
    retryMode: undefined,
  } as never);
  expect(await client.config.maxAttempts()).toBe(3);
  expect(longestCallMs(client)).toBe(11_000);
});

describe("in any environment", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  test.each<[string, string, Record<string, string>]>([
    ["variables", "", { AWS_MAX_ATTEMPTS: "1", AWS_RETRY_MODE: "adaptive" }],
    ["more attempts", "", { AWS_MAX_ATTEMPTS: "9", AWS_RETRY_MODE: "legacy" }],
    ["a configuration file", "[default]\nmax_attempts = 1\nretry_mode = adaptive\n", {}],
    ["a mode of defaults", "", { AWS_DEFAULTS_MODE: "mobile" }],
  ])("a call is tried 3 times: %s", async (_name, file, variables) => {
    const folder = await mkdtemp(join(tmpdir(), "shared-config-"));
    await writeFile(join(folder, "config"), file);
    Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, "config"), ...variables });
    let attempts = 0;
    const server = createServer((_request, response) => {
      attempts += 1;
      response.writeHead(500).end('{"__type":"InternalServerError"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = boundedClient({ ...REGION, credentials, endpoint: `http://127.0.0.1:${port}` });
    await expect(client.send(new ListTablesCommand())).rejects.toThrow();
    expect(attempts).toBe(3);
    expect(client.config.retryMode).toBe("standard");
    client.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
});

test("how long another client takes is not known", () => {
  expect(longestCallMs(new DynamoDBClient(REGION))).toBe(Number.POSITIVE_INFINITY);
});
