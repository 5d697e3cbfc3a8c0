import { readFileSync } from "node:fs";
import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { dueClaimIn } from "../../lib/dynamodb/abandoned.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { clientOf, createTable } from "../support/table.ts";

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

let engine: Engine;
let TableName: string;
beforeAll(async () => {
  engine = await startEngine();
  TableName = await createTable(clientOf(engine));
}, 30_000);
afterAll(() => engine.close());

/** The commands of a section, as inputs of the SDK, for the service "pay". */
function commandsOf(section: string, operation: "query" | "update-item") {
  const [, text = ""] = new RegExp(`\\n## ${section}\\n(.*?)(\\n## |$)`, "s").exec(runbook) ?? [];
  const parts = text
    .replaceAll(/'"\$SERVICE(?:#\$shard)?"'/g, "pay")
    .replaceAll(/'"\$\(\(NOW \+ (\d+)\)\)"'/g, "$1")
    .split("aws dynamodb ");
  return parts
    .filter((part) => part.startsWith(operation))
    .map((part) => {
      const option = (name: string) => new RegExp(`--${name} '([^']+)'`).exec(part)?.[1];
      return {
        TableName,
        IndexName: "due",
        UpdateExpression: option("update-expression"),
        ConditionExpression: option("condition-expression"),
        KeyConditionExpression: option("key-condition-expression"),
        ExpressionAttributeNames: JSON.parse(option("expression-attribute-names") ?? ""),
        ExpressionAttributeValues: JSON.parse(option("expression-attribute-values") ?? ""),
      };
    });
}

const SET_ASIDE = {
  ...{ id: { S: "id" }, owner: { S: "o" }, fence: { N: "1" }, version: { N: "2" } },
  fingerprint: { S: "f" },
  ...{ due: { N: "5" }, leaseUntil: { N: "3" }, attempts: { N: "10" } },
};

async function put(state: string, partition: string): Promise<void> {
  const Item = { ...SET_ASIDE, state: { S: state }, function: { S: partition } };
  await clientOf(engine).send(new PutItemCommand({ TableName, Item }));
}

/** Sends a command of the runbook. @returns the record afterwards. */
async function send({ IndexName: _, KeyConditionExpression: __, ...input }: CommandInput) {
  const client = clientOf(engine);
  const Key = { id: { S: "id" } };
  await client.send(new UpdateItemCommand({ ...input, Key }));
  return (await client.send(new GetItemCommand({ TableName, Key }))).Item;
}
type CommandInput = ReturnType<typeof commandsOf>[number];

test("the lists of unknown and stuck records have them", async () => {
  for (const [section, partition] of [
    ["Unknown", "pay#unknown"],
    ["Stuck", "pay#stuck"],
  ] as const) {
    await put("CLAIMED", partition);
    const [list] = commandsOf(section, "query");
    const { UpdateExpression: _, ConditionExpression: __, ...input } = list as CommandInput;
    const { Items } = await clientOf(engine).send(new QueryCommand(input));
    expect(Items).toMatchObject([{ id: { S: "id" } }]);
  }
});

test("an unknown record is taken off the list, and stays UNKNOWN", async () => {
  const [takeOff] = commandsOf("Unknown", "update-item") as [CommandInput];
  await put("UNKNOWN", "pay#unknown");
  const record = await send(takeOff);
  expect(record).toMatchObject({ state: { S: "UNKNOWN" } });
  expect([record?.function, record?.due]).toEqual([undefined, undefined]);
  await put("CLAIMED", "pay#unknown");
  await expect(send(takeOff)).rejects.toThrow("conditional request failed");
});

test("an unknown record under which nothing has happened is freed, and the next request begins from nothing", async () => {
  const [, free] = commandsOf("Unknown", "update-item") as [CommandInput, CommandInput];
  await put("UNKNOWN", "pay#unknown");
  const record = await send(free);
  const ended = { endsAt: { N: "3600" }, expiresAt: { N: "7200" } };
  expect(record).toMatchObject({ state: { S: "FREED" }, owner: { S: "o" }, ...ended });
  const store = dynamoDbStore({ tableName: TableName, client: clientOf(engine) });
  const claim = { id: "id", owner: "next", fingerprint: "g", nowMs: 1_000, leaseUntilMs: 2_000 };
  const replaces = { owner: "o", fence: 1, state: "FREED" } as const;
  const claimed = await store.claim({
    ...{ ...claim, replaces },
    ...{ takeover: "resume", expiresAtSeconds: undefined },
  });
  expect(claimed).toMatchObject({ applied: true, record: { fence: 2, claims: 1 } });
  await put("CLAIMED", "pay#3");
  await expect(send(free)).rejects.toThrow("conditional request failed");
});

test("a stuck record is due again, with all attempts", async () => {
  const [again] = commandsOf("Stuck", "update-item") as [CommandInput];
  await put("CLAIMED", "pay#stuck");
  const record = await send(again);
  expect(dueClaimIn(record)).toMatchObject({ dueMs: 0, attempts: 0 });
  expect(record?.function).toEqual({ S: "pay#0" });
  await expect(send(again)).rejects.toThrow("conditional request failed");
});

test("a stuck record is given up, and never executed again", async () => {
  const [, giveUp] = commandsOf("Stuck", "update-item") as [CommandInput, CommandInput];
  await put("CLAIMED", "pay#stuck");
  const record = await send(giveUp);
  expect(record).toMatchObject({ state: { S: "UNKNOWN" } });
  expect([record?.function, record?.due, record?.leaseUntil]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  await put("CLAIMED", "pay#3");
  await expect(send(giveUp)).rejects.toThrow("conditional request failed");
});
