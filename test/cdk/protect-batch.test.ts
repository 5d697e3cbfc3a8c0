import { expect, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue } from "aws-cdk-lib/aws-sqs";
import cdk from "../../cdk.json" with { type: "json" };
import { IdempotencyTable } from "../../lib/cdk/index.ts";
import { evaluate, grantedTo, queueArnOf } from "./rights.ts";
import type { CloudFormationTemplate } from "./synthesis.ts";

/** A stack with a table, a queue and a consumer that is not protected yet. */
function unprotected() {
  const context = { ...cdk.context, "@aws-cdk/core:validateAgainstDefaultRules": false };
  const stack = new Stack(new App({ context }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency");
  const queue = new Queue(stack, "Queue");
  const consumer = new LambdaFunction(stack, "Consumer", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async () => {};"),
  });
  const synthesize = () => Template.fromStack(stack).toJSON() as CloudFormationTemplate;
  return { table, queue, consumer, synthesize };
}

function idOf({ Resources }: CloudFormationTemplate, type: string, prefix: string): string {
  const ids = Object.keys(Resources).filter((id) => id.startsWith(prefix));
  return ids.find((id) => Resources[id]?.Type === type) ?? "";
}

const roleOf = (template: CloudFormationTemplate) => idOf(template, "AWS::IAM::Role", "Consumer");

const queueOf = (template: CloudFormationTemplate) => idOf(template, "AWS::SQS::Queue", "Queue");

test("the function of a batch knows its table and its service, and may claim, and nothing else", () => {
  const { table, consumer, synthesize } = unprotected();
  table.protectBatch(consumer, { service: "payments" });
  const template = synthesize();
  const fn = template.Resources[idOf(template, "AWS::Lambda::Function", "Consumer")];
  expect(fn?.Properties.Environment.Variables).toEqual({
    IDEMPOTENCY_TABLE: { Ref: idOf(template, "AWS::DynamoDB::Table", "Idempotency") },
    IDEMPOTENCY_SERVICE: "payments",
  });
  expect(grantedTo(template, roleOf(template)).map(({ action }) => action)).toEqual([
    "dynamodb:UpdateItem",
  ]);
});

test("with a queue, the function may move the visibility of its messages, and no more of it", async () => {
  const { table, queue, consumer, synthesize } = unprotected();
  table.protectBatch(consumer, { service: "payments", read: true, queue });
  const template = synthesize();
  const may = (action: string) =>
    evaluate(template, roleOf(template), { action, resource: queueArnOf(queueOf(template)) });
  expect(await may("sqs:ChangeMessageVisibility")).toBe("Allowed");
  expect(await may("sqs:SendMessage")).toBe("ImplicitlyDenied");
  expect(await may("sqs:ReceiveMessage")).toBe("ImplicitlyDenied");
  expect(grantedTo(template, roleOf(template)).map(({ action }) => action)).toEqual([
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
    "sqs:ChangeMessageVisibility",
  ]);
});

test("without a queue, the function may not move the visibility of messages", async () => {
  const { table, consumer, synthesize } = unprotected();
  table.protectBatch(consumer, { service: "payments" });
  const template = synthesize();
  const right = { action: "sqs:ChangeMessageVisibility", resource: queueArnOf(queueOf(template)) };
  expect(await evaluate(template, roleOf(template), right)).toBe("ImplicitlyDenied");
});

test("a mapping under which failed records would be lost fails the synthesis, also if it is made later", () => {
  const { table, queue, consumer, synthesize } = unprotected();
  table.protectBatch(consumer, { service: "payments" });
  consumer.addEventSource(new SqsEventSource(queue));
  expect(synthesize).toThrow(
    "the event source mapping of Test/Consumer does not have ReportBatchItemFailures, so failed records would be lost.",
  );
});

test("so does a mapping of an alias", () => {
  const { table, queue, consumer, synthesize } = unprotected();
  table.protectBatch(consumer, { service: "payments" });
  consumer.addAlias("live").addEventSource(new SqsEventSource(queue));
  expect(synthesize).toThrow("failed records would be lost");
});

test("a mapping of another function is not looked at", () => {
  const { table, queue, consumer, synthesize } = unprotected();
  const other = new LambdaFunction(Stack.of(consumer), "Other", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async () => {};"),
  });
  table.protectBatch(consumer, { service: "payments" });
  other.addEventSource(new SqsEventSource(queue));
  expect(synthesize).not.toThrow();
});

test("a mapping that reports failures is right, and so is a handler that throws them", () => {
  const reporting = unprotected();
  reporting.table.protectBatch(reporting.consumer, { service: "payments" });
  const source = new SqsEventSource(reporting.queue, { reportBatchItemFailures: true });
  reporting.consumer.addEventSource(source);
  expect(reporting.synthesize).not.toThrow();

  const throwing = unprotected();
  throwing.table.protectBatch(throwing.consumer, { service: "payments", failures: "throw" });
  throwing.consumer.addEventSource(new SqsEventSource(throwing.queue));
  expect(throwing.synthesize).not.toThrow();
});
