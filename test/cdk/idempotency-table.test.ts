import { expect, test } from "@jest/globals";
import { App, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import cdk from "../../cdk.json" with { type: "json" };
import {
  type GrantClaimsOptions,
  IdempotencyTable,
  type IdempotencyTableProps,
} from "../../lib/cdk/index.ts";

/** The template of a stack with a table and a role that may claim. */
function templateOf(
  props: (stack: Stack) => IdempotencyTableProps = () => ({}),
  grant: GrantClaimsOptions = {},
): Template {
  const stack = new Stack(new App({ context: cdk.context }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency", props(stack));
  const role = new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  table.grantClaims(role, grant);
  return Template.fromStack(stack);
}

/** Every action that the role is granted, on any resource. */
function actionsIn(template: Template): string[] {
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  return policies.flatMap((policy) =>
    policy.Properties.PolicyDocument.Statement.flatMap(
      (statement: { Action: string | string[] }) => statement.Action,
    ),
  );
}

test("by default nothing is lost: TTL, recovery, protection, RETAIN, encryption, on demand", () => {
  templateOf().hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      SSESpecification: { SSEEnabled: true },
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TableName: Match.absent(),
    },
  });
});

test("a table for trying things out can be named, unprotected and destroyed", () => {
  const template = templateOf(() => ({
    tableName: "idempotency",
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  }));
  template.hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "Delete",
    Properties: {
      TableName: "idempotency",
      DeletionProtectionEnabled: false,
    },
  });
});

test("key and attributes have the names that are given, as in the store", () => {
  const template = templateOf(() => ({
    keyAttributes: { partitionKey: "pk", sortKey: { name: "sk", value: "IDEMPOTENCY" } },
    attributes: { expiresAt: "ttl", function: "fn", due: "dueAt" },
    dueIndex: true,
  }));
  template.hasResourceProperties("AWS::DynamoDB::Table", {
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
      { AttributeName: "fn", AttributeType: "S" },
      { AttributeName: "dueAt", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        KeySchema: [
          { AttributeName: "fn", KeyType: "HASH" },
          { AttributeName: "dueAt", KeyType: "RANGE" },
        ],
      },
    ],
    TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
  });
  expect(actionsIn(template)).toEqual(["dynamodb:UpdateItem"]);
});

test("names that cannot be are refused at synthesis", () => {
  expect(() => templateOf(() => ({ attributes: { expiresAt: "id" } }))).toThrow(
    'IdempotencyTable: the name "id" is given to both the partition key and the attribute expiresAt',
  );
});

test("claiming is granted as UpdateItem on this table, and nothing else", () => {
  const template = templateOf();
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: [
        {
          Action: "dynamodb:UpdateItem",
          Effect: "Allow",
          Resource: { "Fn::GetAtt": [Match.stringLikeRegexp("^Idempotency"), "Arn"] },
        },
      ],
    },
  });
});

test("a profile that waits is granted GetItem as well", () => {
  expect(actionsIn(templateOf(() => ({}), { read: true })).sort()).toEqual([
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
  ]);
});

test("a key of the customer's encrypts the table, and its use is granted", () => {
  const template = templateOf((stack) => ({ encryptionKey: new Key(stack, "Key") }));
  template.hasResourceProperties("AWS::DynamoDB::Table", {
    SSESpecification: {
      SSEEnabled: true,
      SSEType: "KMS",
      KMSMasterKeyId: { "Fn::GetAtt": [Match.stringLikeRegexp("^Key"), "Arn"] },
    },
  });
  expect(actionsIn(template)).toEqual(expect.arrayContaining(["kms:Decrypt", "kms:Encrypt"]));
});

/** A stack with a function that is connected to a table. */
function connected(service: string, options: GrantClaimsOptions = {}): Template {
  const stack = new Stack(new App({ context: cdk.context }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency");
  const lambda = new LambdaFunction(stack, "CreateTransfer", {
    runtime: Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async () => ({ statusCode: 201 });"),
  });
  table.connect(lambda, { service, ...options });
  return Template.fromStack(stack);
}

test("a function that is connected knows the table and its service, and may claim", () => {
  const template = connected("payments");
  const [tableId] = Object.keys(template.findResources("AWS::DynamoDB::Table"));
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: { IDEMPOTENCY_TABLE: { Ref: tableId }, IDEMPOTENCY_SERVICE: "payments" },
    },
  });
  expect(actionsIn(template)).toEqual(["dynamodb:UpdateItem"]);
  expect(actionsIn(connected("payments", { read: true })).sort()).toEqual([
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
  ]);
});

test.each([[""], [" "], ["undefined"], [undefined as never]])(
  "a function is not connected under a service that names nothing: %j",
  (service) => {
    expect(() => connected(service)).toThrow(/connect: service is .*; expected the name/);
  },
);
