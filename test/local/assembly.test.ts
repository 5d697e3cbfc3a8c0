import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readAssembly } from "../../local/assembly.ts";
import { fixtureTemplate, LOCAL_VALUES as local, writeAssembly } from "./fixture-assembly.ts";

function read(added: Record<string, unknown> = {}) {
  return readAssembly(writeAssembly(fixtureTemplate(added)), local);
}

function findFunction(routeKey: string) {
  return read().api.routes.find((route) => route.routeKey === routeKey)?.function;
}

test("a global table becomes a request that creates an ordinary one on demand", () => {
  expect(read().tables).toEqual([
    {
      logicalId: "ItemsABCD1234",
      name: "Fixture-ItemsABCD1234",
      ttlAttribute: "expiresAt",
      create: {
        TableName: "Fixture-ItemsABCD1234",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [
          { AttributeName: "id", AttributeType: "S" },
          { AttributeName: "holder", AttributeType: "S" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-holder",
            KeySchema: [{ AttributeName: "holder", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      },
    },
  ]);
});

test("a function has its code, its limits, and an environment of local values", () => {
  expect(findFunction("POST /echo")).toMatchObject({
    logicalId: "Echo",
    handler: "index.echo",
    codeFolder: expect.stringMatching(/asset\.code$/),
    timeoutMs: 3000,
    memoryMb: 128,
    environment: {
      TABLE: "Fixture-ItemsABCD1234",
      TABLE_ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/Fixture-ItemsABCD1234",
      API: "http://127.0.0.1:3000/in/us-east-1",
      SECOND: "second",
    },
  });
  expect(findFunction("GET /hang")).toMatchObject({ timeoutMs: 1000 });
});

test("a route has its authorizer with the identity sources", () => {
  const { routes } = read().api;
  const guarded = routes.find(({ routeKey }) => routeKey === "GET /guarded");
  expect(guarded?.authorizer).toMatchObject({
    function: { logicalId: "Authorize" },
    identitySources: ["$request.header.Authorization"],
  });
  expect(routes.find(({ routeKey }) => routeKey === "GET /count")).not.toHaveProperty("authorizer");
});

test("an integration with an alias runs the function behind it", () => {
  const alias = {
    Type: "AWS::Lambda::Alias",
    Properties: { Name: "live", FunctionName: { Ref: "Echo" } },
  };
  const integration = {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      IntegrationType: "AWS_PROXY",
      PayloadFormatVersion: "2.0",
      IntegrationUri: { Ref: "Alias" },
    },
  };
  const { api } = read({ Alias: alias, Integration0: integration });
  expect(api.routes[0]?.function.logicalId).toBe("Echo");
});

test.each([
  ["Stream", { Type: "AWS::Kinesis::Stream" }, "cannot run Stream (AWS::Kinesis::Stream)"],
  [
    "Api",
    { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "WEBSOCKET" } },
    "Api is a WEBSOCKET API",
  ],
  [
    "Echo",
    { Type: "AWS::Lambda::Function", Properties: { Runtime: "python3.13" } },
    "Function Echo has the runtime python3.13",
  ],
  [
    "Echo",
    {
      Type: "AWS::Lambda::Function",
      Properties: { Runtime: "nodejs24.x", Code: { ZipFile: "inline" } },
    },
    "Function Echo has no code folder",
  ],
  [
    "Stage",
    { Type: "AWS::ApiGatewayV2::Stage", Properties: { StageName: { "Fn::ImportValue": "x" } } },
    "does not support Fn::ImportValue",
  ],
  [
    "Stage",
    { Type: "AWS::ApiGatewayV2::Stage", Properties: { StageName: { Ref: "Nowhere" } } },
    "refers to Nowhere",
  ],
])("a resource that cannot run here is named: %s, %j", (logicalId, resource, message) => {
  expect(() => read({ [logicalId]: resource })).toThrow(message);
});

test("roles, logs, alarms and the repeats of failed runs are skipped with any contents", () => {
  const Alarm = { Type: "AWS::CloudWatch::Alarm", Properties: { X: { "Fn::If": [] } } };
  const Repeats = { Type: "AWS::Lambda::EventInvokeConfig", Properties: { X: { "Fn::If": [] } } };
  const Metadata = { Type: "AWS::CDK::Metadata" };
  expect(() => read({ Alarm, Repeats, Metadata })).not.toThrow();
});

test("a folder without an assembly is refused, with the command that makes one", () => {
  const folder = mkdtempSync(join(tmpdir(), "empty-"));
  expect(() => readAssembly(folder, local)).toThrow("run `cdk synth`");
});
