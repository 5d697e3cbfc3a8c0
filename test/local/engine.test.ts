import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test } from "@jest/globals";
import { type EngineName, startEngine } from "../../local/engine.ts";
import { localClient } from "../../local/tables.ts";
import { ENGINES } from "../support/engines.ts";

const configured = process.env.AWS_ENDPOINT_URL_DYNAMODB;

afterEach(() => {
  if (configured === undefined) delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
  else process.env.AWS_ENDPOINT_URL_DYNAMODB = configured;
});

async function tablesAt(endpoint: string) {
  const client = localClient(endpoint);
  try {
    return (await client.send(new ListTablesCommand())).TableNames;
  } finally {
    client.destroy();
  }
}

const [anyEngine = "in-memory"] = ENGINES;

for (const name of new Set<EngineName>([...ENGINES, "in-memory"])) {
  test(`${name} starts empty, answers, and is gone after close`, async () => {
    const engine = await startEngine({ engine: name });
    expect(engine.name).toBe(name);
    expect(await tablesAt(engine.endpoint)).toEqual([]);
    await engine.close();
    await expect(fetch(engine.endpoint)).rejects.toThrow();
  });
}

test("an engine that runs already is used and left alone", async () => {
  const running = await startEngine({ engine: anyEngine });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = running.endpoint;
  const external = await startEngine();
  expect(external).toMatchObject({ name: "external", endpoint: running.endpoint });
  await external.close();
  expect(await tablesAt(running.endpoint)).toEqual([]);
  await running.close();
});

test("a forced engine starts although another is configured", async () => {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = "http://127.0.0.1:9";
  const engine = await startEngine({ engine: anyEngine });
  expect(engine.name).toBe(anyEngine);
  await engine.close();
});

test.each([anyEngine, "in-memory"] as const)("a taken port is refused by %s", async (name) => {
  const engine = await startEngine({ engine: name });
  const port = Number(new URL(engine.endpoint).port);
  await expect(startEngine({ engine: name, port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is already in use`,
  );
  await engine.close();
});
