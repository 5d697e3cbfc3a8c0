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

/** A stack with a table and a function, which nothing protects yet. */
function unprotected(props: IdempotencyTableProps = {}) {
  const stack = new Stack(new App({ context: cdk.context }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency", props);
  const fn = new LambdaFunction(stack, "Function", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async () => {};"),
    environment: { LEDGER_TABLE: "ledger" },
  });
  const variables = () => {
    const [found] = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
    return found?.Properties.Environment.Variables;
  };
  return { stack, table, fn, variables, actions: () => actionsIn(Template.fromStack(stack)) };
}

test("a protected function knows its table and its service, and may claim", () => {
  const { table, fn, variables, actions } = unprotected();
  table.protect(fn, { service: "payments" });
  expect(variables()).toEqual({
    LEDGER_TABLE: "ledger",
    IDEMPOTENCY_TABLE: { Ref: expect.stringMatching(/^Idempotency/) },
    IDEMPOTENCY_SERVICE: "payments",
  });
  expect(actions()).toEqual(["dynamodb:UpdateItem"]);
});

test("a protected function that reads records may do so", () => {
  const { table, fn, actions } = unprotected();
  table.protect(fn, { service: "payments", read: true });
  expect(actions().sort()).toEqual(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
});

test("a protected function is told how a table of another form is laid out", () => {
  const layout = {
    keyAttributes: { partitionKey: "pk", sortKey: { name: "sk", value: "IDEMPOTENCY" } },
    attributes: { expiresAt: "ttl" },
  };
  const { table, fn, variables } = unprotected(layout);
  table.protect(fn, { service: "payments" });
  expect(JSON.parse(variables().IDEMPOTENCY_TABLE_LAYOUT)).toEqual(layout);
});

test.each(["", " ", "undefined", undefined])(
  "the service %j is refused at synthesis",
  (service) => {
    const { table, fn } = unprotected();
    expect(() => table.protect(fn, { service: service as string })).toThrow(
      `Test/Idempotency: protect: service is ${JSON.stringify(service)}; expected a name.`,
    );
  },
);

test("a second service or table for one function is refused, and the same again is not", () => {
  const { stack, table, fn, actions } = unprotected();
  const other = new IdempotencyTable(stack, "Other");
  table.protect(fn, { service: "payments" });
  expect(() => table.protect(fn, { service: "refunds" })).toThrow(
    'Test/Function was given the service "payments" and the table Test/Idempotency before, and now the service "refunds"',
  );
  expect(() => other.protect(fn, { service: "payments" })).toThrow("the table Test/Other.");
  table.protect(fn, { service: "payments", read: true });
  expect(actions().sort()).toEqual(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
});

test("an alias has no environment to be set, and is refused with the alternative", () => {
  const { table, fn } = unprotected();
  expect(() => table.protect(fn.addAlias("live") as never, { service: "payments" })).toThrow(
    /has no environment that could be set.*grantClaims/,
  );
});
