import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { dynamoDbLocal } from "../../local/engine/dynamodb-local.ts";
import { dynoxide } from "../../local/engine/dynoxide.ts";

// A machine for which there is no native engine, and that has no Java.
jest.unstable_mockModule("../../local/engine/dynoxide.ts", () => ({
  dynoxide: { ...dynoxide, missing: () => "Dynoxide is missing." },
}));
jest.unstable_mockModule("../../local/engine/dynamodb-local.ts", () => ({
  dynamoDbLocal: { ...dynamoDbLocal, missing: () => "DynamoDB Local needs Java." },
}));
const { startEngine } = await import("../../local/engine.ts");
const { startCloud } = await import("../../local/cloud.ts");
const { writeAssembly } = await import("./fixture-assembly.ts");

const LINE =
  "No native engine and no Java here: the records are kept by an in-memory engine of this " +
  "repository, for trying things out.";
const { AWS_ENDPOINT_URL_DYNAMODB: configured } = process.env;

beforeEach(() => {
  delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
});

afterEach(() => {
  if (configured !== undefined) process.env.AWS_ENDPOINT_URL_DYNAMODB = configured;
});

test("where no other engine can start, the in-memory one does, and one line says so", async () => {
  const lines: string[] = [];
  const engine = await startEngine({ log: (line) => lines.push(line) });
  expect(engine.name).toBe("in-memory");
  expect(lines).toEqual([LINE]);
  await engine.close();
});

test("the in-memory engine that was asked for needs no explanation", async () => {
  const lines: string[] = [];
  const engine = await startEngine({ engine: "in-memory", log: (line) => lines.push(line) });
  expect(lines).toEqual([]);
  await engine.close();
});

test.each([
  ["dynoxide", "Dynoxide is missing."],
  ["dynamodb-local", "DynamoDB Local needs Java."],
] as const)("%s that was asked for and cannot start is an error", async (engine, reason) => {
  await expect(startEngine({ engine })).rejects.toThrow(reason);
});

test("the local cloud starts there, and says it", async () => {
  const lines: string[] = [];
  const cloud = await startCloud({
    ...{ assembly: writeAssembly(), port: 0, runner: "in-process" as const },
    log: (line) => lines.push(line),
  });
  expect(cloud.engine.name).toBe("in-memory");
  expect(lines).toEqual([LINE]);
  await cloud.close();
});
