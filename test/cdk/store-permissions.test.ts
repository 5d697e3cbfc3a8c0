import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import cdk from "../../cdk.json" with { type: "json" };
import { IdempotencyTable } from "../../lib/cdk/index.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type Call, intercept } from "../ledger/intercept.ts";
import { startTables } from "../ledger/transfer-service.ts";
import { evaluate, grantedTo, neededFor } from "./rights.ts";
import type { CloudFormationTemplate } from "./synthesis.ts";

// Only grants are asked for here; idempotency-table.test.ts validates the templates.
const context = { ...cdk.context, "@aws-cdk/core:validateAgainstDefaultRules": false };
const stack = new Stack(new App({ context }), "Test");
const idempotency = new IdempotencyTable(stack, "Idempotency");
idempotency.grantClaims(roleNamed("Claiming"));
idempotency.grantClaims(roleNamed("Waiting"), { read: true });
const template = Template.fromStack(stack).toJSON() as CloudFormationTemplate;

const writes: Call[] = [];
const reads: Call[] = [];
let stop: () => Promise<void>;

beforeAll(async () => {
  const { client, tables, close } = await startTables({
    idempotency: idOf("AWS::DynamoDB::Table", "Idempotency"),
    ledger: "unused-ledger",
    tokens: "unused-tokens",
  });
  stop = close;
  intercept(client, (call, forward) => {
    (call.operation === "GetItem" ? reads : writes).push(call);
    return forward();
  });
  const store = dynamoDbStore({ client, tableName: tables.idempotency });
  for (const method of ["mark", "complete", "release", "free", "extend"] as const) {
    const nowMs = Date.now();
    const leaseUntilMs = nowMs + 1000;
    const owned = { id: method, owner: "me", fence: nowMs + 1 };
    const claim = {
      ...owned,
      fingerprint: "same",
      nowMs,
      leaseUntilMs,
      takeover: "restart" as const,
    };
    await store.claim({ ...claim, expiresAtSeconds: undefined });
    await store[method]({
      ...owned,
      claims: 1,
      nowMs,
      leaseUntilMs,
      response: "{}",
      expiresAtSeconds: 1,
    });
    await store.read(method);
  }
});

afterAll(() => stop());

test("a function that may claim may mark, complete, release, free and extend", async () => {
  expect(writes).toHaveLength(10);
  for (const right of writes.flatMap(neededFor)) {
    expect(await evaluate(template, idOf("AWS::IAM::Role", "Claiming"), right)).toBe("Allowed");
  }
});

test("only a function that may wait may read", async () => {
  expect(reads).toHaveLength(5);
  for (const right of reads.flatMap(neededFor)) {
    expect(await evaluate(template, idOf("AWS::IAM::Role", "Waiting"), right)).toBe("Allowed");
    expect(await evaluate(template, idOf("AWS::IAM::Role", "Claiming"), right)).toBe(
      "ImplicitlyDenied",
    );
  }
});

test("the grants allow exactly the requests that the store sends", () => {
  const granted = grantedTo(template, idOf("AWS::IAM::Role", "Waiting"));
  const sent = new Set([...writes, ...reads].flatMap(neededFor).map((right) => right.action));
  expect(new Set(granted.map((right) => right.action))).toEqual(sent);
});

function roleNamed(id: string): Role {
  return new Role(stack, id, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
}

function idOf(type: string, prefix: string): string {
  const ids = Object.keys(template.Resources);
  const id = ids.find((id) => template.Resources[id]?.Type === type && id.startsWith(prefix));
  if (id === undefined) throw new Error(`The template has no ${type} ${prefix}.`);
  return id;
}
