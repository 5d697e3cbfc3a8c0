import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { type IVpc, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import {
  Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import cdk from "../../cdk.json" with { type: "json" };
import {
  IdempotencyCompleter,
  type IdempotencyCompleterProps,
  IdempotencyTable,
} from "../../lib/cdk/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";

type Changes = (
  stack: Stack,
  parts: { readonly pay: LambdaFunction; readonly table: IdempotencyTable },
) => Partial<IdempotencyCompleterProps>;

/** The template of a stack with a function, a table and a completer. */
function templateOf(
  changes: Changes = () => ({}),
  dueIndex = true,
  layout: LayoutOptions = {},
): Template {
  // Nothing is bundled: other tests run the function.
  const context = { ...cdk.context, "aws:cdk:bundling-stacks": [] };
  const stack = new Stack(new App({ context }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency", { dueIndex, ...layout });
  const pay = new LambdaFunction(stack, "Pay", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = () => {};"),
  });
  const props = changes(stack, { pay, table });
  new IdempotencyCompleter(stack, "Completer", { table, functions: { pay }, ...props });
  return Template.fromStack(stack);
}

/** The properties of the completer's function. */
function functionOf(template: Template) {
  const functions = Object.values(template.findResources("AWS::Lambda::Function"));
  return functions.map(({ Properties }) => Properties).find((one) => one.Timeout === 900);
}

test("the index of due claims has nothing but keys, and only with dueIndex", () => {
  templateOf().hasResourceProperties("AWS::DynamoDB::Table", {
    GlobalSecondaryIndexes: [
      {
        IndexName: "due",
        KeySchema: [
          { AttributeName: "function", KeyType: "HASH" },
          { AttributeName: "due", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  });
});

test("it runs every minute, or as often as is said, and knows its functions by their services", () => {
  const template = templateOf();
  template.hasResourceProperties("AWS::Events::Rule", { ScheduleExpression: "rate(1 minute)" });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: {
        FUNCTIONS: {
          "Fn::Join": [
            "",
            ['{"pay":"', { "Fn::GetAtt": [Match.stringLikeRegexp("^Pay"), "Arn"] }, '"}'],
          ],
        },
        IDEMPOTENCY_TABLE: { Ref: Match.stringLikeRegexp("^Idempotency") },
        IDEMPOTENCY_TABLE_LAYOUT: Match.absent(),
      },
    },
  });
  templateOf(() => ({ every: Duration.minutes(5) })).hasResourceProperties("AWS::Events::Rule", {
    ScheduleExpression: "rate(5 minutes)",
  });
});

test("it is told how records are laid out, where the table was not made for them alone", () => {
  const layout = { keyAttributes: { partitionKey: "pk" }, attributes: { due: "dueAt" } };
  templateOf(() => ({}), true, layout).hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: { IDEMPOTENCY_TABLE_LAYOUT: JSON.stringify(layout) } },
  });
});

test("it may find, read and settle records, invoke those functions, write its log, and no more", () => {
  const template = templateOf();
  const table = { "Fn::GetAtt": [Match.stringLikeRegexp("^Idempotency"), "Arn"] };
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: [
        Match.objectLike({ Action: ["logs:CreateLogStream", "logs:PutLogEvents"] }),
        { Action: ["dynamodb:GetItem", "dynamodb:UpdateItem"], Effect: "Allow", Resource: table },
        {
          Action: "dynamodb:Query",
          Effect: "Allow",
          Resource: { "Fn::Join": ["", [table, "/index/due"]] },
        },
        {
          Action: "lambda:InvokeFunction",
          Effect: "Allow",
          Resource: { "Fn::GetAtt": [Match.stringLikeRegexp("^Pay"), "Arn"] },
        },
      ],
    },
  });
});

test("alarms tell of unknown outcomes, unfinished and stuck work, and of its own failure", () => {
  const template = templateOf((stack) => ({
    alarmActions: [new SnsAction(new Topic(stack, "Operator"))],
  }));
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const told = alarms.map(({ Properties }) => [
    Properties.MetricName,
    `${Properties.Statistic} of ${Properties.Period} s`,
    `${Properties.DatapointsToAlarm ?? Properties.EvaluationPeriods} of ${Properties.EvaluationPeriods}`,
    Properties.AlarmActions.length,
  ]);
  expect(told.sort()).toEqual([
    ["Errors", "Sum of 300 s", "1 of 1", 1],
    ["Stuck", "Maximum of 3600 s", "1 of 1", 1],
    ["Unfinished", "Sum of 300 s", "3 of 6", 1],
    ["Unknown", "Sum of 300 s", "1 of 1", 1],
  ]);
});

test("every alarm names its section of the runbook, which is there", () => {
  const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  const alarms = Object.values(templateOf().findResources("AWS::CloudWatch::Alarm"));
  for (const { Properties } of alarms) {
    expect(Properties.AlarmDescription).toContain(
      `runbook.md of lambda-idempotency, ${Properties.MetricName}.`,
    );
    expect(runbook).toContain(`\n## ${Properties.MetricName}\n`);
  }
});

test("it has as long as any function that it waits for, and neither Lambda nor the rule repeats a run", () => {
  const template = templateOf();
  expect(functionOf(template)).toBeDefined();
  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumRetryAttempts: 0 });
  template.hasResourceProperties("AWS::Events::Rule", {
    Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
  });
});

test("its attempts are bounded by number and age, which can be given", () => {
  const variables = (template: Template) => functionOf(template)?.Environment.Variables;
  expect(variables(templateOf())).toMatchObject({ MAX_ATTEMPTS: "10", MAX_AGE_SECONDS: "86400" });
  const given = { maxAttempts: 3, maxAge: Duration.hours(2) };
  expect(variables(templateOf(() => given))).toMatchObject({
    MAX_ATTEMPTS: "3",
    MAX_AGE_SECONDS: "7200",
  });
  for (const maxAttempts of [0, 1.5, -1]) {
    expect(() => templateOf(() => ({ maxAttempts }))).toThrow(
      `maxAttempts is ${maxAttempts}; expected a whole number of at least 1.`,
    );
  }
});

test("an alias is invoked, and granted, with its qualifier", () => {
  const template = templateOf((_stack, { pay }) => ({
    functions: { pay: pay.addAlias("live") as IFunction },
  }));
  const alias = { Ref: Match.stringLikeRegexp("^PayAliaslive") };
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: { FUNCTIONS: { "Fn::Join": ["", ['{"pay":"', alias, '"}']] } },
    },
  });
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        { Action: "lambda:InvokeFunction", Effect: "Allow", Resource: alias },
      ]),
    },
  });
});

test("it takes a network, variables and tracing; its own variables win", () => {
  const template = templateOf((stack) => ({
    vpc: new Vpc(stack, "Vpc", { maxAzs: 1 }) as IVpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    environment: { LOG_LEVEL: "debug", MAX_ATTEMPTS: "99" },
    tracing: Tracing.ACTIVE,
  }));
  expect(functionOf(template)).toMatchObject({
    VpcConfig: { SubnetIds: [{ Ref: expect.stringContaining("Private") }] },
    TracingConfig: { Mode: "Active" },
    Environment: { Variables: { LOG_LEVEL: "debug", MAX_ATTEMPTS: "10" } },
  });
  template.hasResourceProperties("AWS::IAM::Role", {
    ManagedPolicyArns: [
      { "Fn::Join": ["", Match.arrayWith([Match.stringLikeRegexp("AWSLambdaVPCAccess")])] },
    ],
  });
});

test.each(["function", "alias"])(
  "a %s given for another service than its own is refused",
  (kind) => {
    const changes: Changes = (_stack, { pay, table }) => {
      table.protect(pay, { service: "payouts" });
      return { functions: { pay: kind === "alias" ? (pay.addAlias("live") as IFunction) : pay } };
    };
    expect(() => templateOf(changes)).toThrow(
      'for the service "pay", but IdempotencyTable.protect gave the function the service "payouts"; no claim would be found.',
    );
  },
);

test("a function given for its own service is accepted", () => {
  const changes: Changes = (_stack, { pay, table }) => {
    table.protect(pay, { service: "pay" });
    return {};
  };
  expect(() => templateOf(changes)).not.toThrow();
});

test("a table without the index, and a completer without functions, are refused", () => {
  expect(() => templateOf(() => ({}), false)).toThrow("dueIndex: true");
  expect(() => templateOf(() => ({ functions: {} }))).toThrow("functions is empty");
  expect(() => templateOf((_stack, { pay }) => ({ functions: { " ": pay } }))).toThrow(
    'functions has the member " "; expected the name of a service.',
  );
});
