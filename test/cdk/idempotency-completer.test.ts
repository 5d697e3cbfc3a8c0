import { expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import cdk from "../../cdk.json" with { type: "json" };
import {
  IdempotencyCompleter,
  type IdempotencyCompleterProps,
  IdempotencyTable,
} from "../../lib/cdk/index.ts";
import type { LayoutOptions } from "../../lib/dynamodb/layout.ts";

type Changes = (stack: Stack) => Partial<IdempotencyCompleterProps>;

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
  new IdempotencyCompleter(stack, "Completer", { table, functions: [pay], ...changes(stack) });
  return Template.fromStack(stack);
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

test("it runs every minute, or as often as is said, and knows its functions by their names", () => {
  const template = templateOf();
  template.hasResourceProperties("AWS::Events::Rule", { ScheduleExpression: "rate(1 minute)" });
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: {
        FUNCTION_NAMES: { Ref: Match.stringLikeRegexp("^Pay") },
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

test("an unknown outcome, work that stays unfinished, and its own failure raise an alarm", () => {
  const template = templateOf((stack) => ({
    alarmActions: [new SnsAction(new Topic(stack, "Operator"))],
  }));
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const told = alarms.map(({ Properties }) => [
    Properties.MetricName,
    Properties.EvaluationPeriods,
    Properties.AlarmActions.length,
  ]);
  expect(told.sort()).toEqual([
    ["Errors", 1, 1],
    ["Unfinished", 3, 1],
    ["Unknown", 1, 1],
  ]);
});

test("a table without the index, and a completer without functions, are refused", () => {
  expect(() => templateOf(() => ({}), false)).toThrow("dueIndex: true");
  expect(() => templateOf(() => ({ functions: [] }))).toThrow("functions is empty");
});
