import { describe, expect, test } from "@jest/globals";
import { readAssembly } from "../../local/assembly.ts";
import { fixtureTemplate, LOCAL_VALUES, lambda, writeAssembly } from "./fixture-assembly.ts";

const queue = (Properties: object = {}) => ({ Type: "AWS::SQS::Queue", Properties });
const mapping = (Properties: object = {}) => ({
  Type: "AWS::Lambda::EventSourceMapping",
  Properties: {
    EventSourceArn: { "Fn::GetAtt": ["OrdersABCD1234", "Arn"] },
    FunctionName: { Ref: "Echo" },
    ...Properties,
  },
});
const RESOURCES = {
  OrdersABCD1234: queue({
    FifoQueue: true,
    ContentBasedDeduplication: true,
    DeduplicationScope: "messageGroup",
    VisibilityTimeout: 60,
    MessageRetentionPeriod: 3_600,
    DelaySeconds: 5,
    MaximumMessageSize: 1_024,
    ReceiveMessageWaitTimeSeconds: 20,
    RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 3 },
    KmsMasterKeyId: "alias/aws/sqs",
  }),
  Dead: queue({ QueueName: "dead.fifo", FifoQueue: true }),
  Policy: { Type: "AWS::SQS::QueuePolicy", Properties: { X: { "Fn::If": [] } } },
};
const read = (added: object) =>
  readAssembly(writeAssembly(fixtureTemplate({ ...RESOURCES, ...added })), LOCAL_VALUES);

describe("a queue", () => {
  test("has its attributes, or the defaults of CloudFormation", () => {
    const { queues } = read({ Plain: { Type: "AWS::SQS::Queue" } });
    expect(queues).toMatchObject([
      {
        logicalId: "OrdersABCD1234",
        name: "Fixture-OrdersABCD1234.fifo",
        arn: "arn:aws:sqs:us-east-1:000000000000:Fixture-OrdersABCD1234.fifo",
        isFifo: true,
        hasContentBasedDeduplication: true,
        deduplicationScope: "messageGroup",
        visibilityTimeoutMs: 60_000,
        retentionMs: 3_600_000,
        delayMs: 5_000,
        maximumMessageBytes: 1_024,
        receiveWaitMs: 20_000,
        redrivePolicy: {
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead.fifo",
          maxReceiveCount: 3,
        },
      },
      { name: "dead.fifo" },
      {
        name: "Fixture-Plain",
        isFifo: false,
        hasContentBasedDeduplication: false,
        visibilityTimeoutMs: 30_000,
        retentionMs: 345_600_000,
        delayMs: 0,
        maximumMessageBytes: 1_048_576,
        receiveWaitMs: 0,
      },
    ]);
  });

  test("is known to functions by its URL, its ARN and its name", () => {
    const Echo = lambda("Echo", {});
    Object.assign(Echo.Properties.Environment.Variables, {
      URL: { Ref: "OrdersABCD1234" },
      SAME_URL: { "Fn::GetAtt": ["OrdersABCD1234", "QueueUrl"] },
      ARN: { "Fn::GetAtt": ["OrdersABCD1234", "Arn"] },
      NAME: { "Fn::GetAtt": ["OrdersABCD1234", "QueueName"] },
    });
    const { queueMappings } = read({ Echo, Mapping: mapping() });
    const URL = "http://127.0.0.1:3001/000000000000/Fixture-OrdersABCD1234.fifo";
    expect(queueMappings[0]?.function.environment).toMatchObject({
      URL,
      SAME_URL: URL,
      ARN: "arn:aws:sqs:us-east-1:000000000000:Fixture-OrdersABCD1234.fifo",
      NAME: "Fixture-OrdersABCD1234.fifo",
    });
  });

  test.each([
    [{ Wrong: queue({ QueueName: "wrong", FifoQueue: true }) }, "ends with .fifo"],
    [{ Wrong: queue({ QueueName: "wrong.fifo" }) }, "ends with .fifo"],
    [{ Wrong: queue({ Unheard: 1 }) }, "Wrong has the property Unheard"],
    [
      { Wrong: queue({ RedrivePolicy: { deadLetterTargetArn: "arn:aws:sqs:elsewhere" } }) },
      "The dead-letter queue of Wrong is not in the cloud assembly",
    ],
    [
      { Wrong: queue({ RedrivePolicy: RESOURCES.OrdersABCD1234.Properties }) },
      "The dead-letter queue of Wrong",
    ],
    [
      {
        Wrong: queue({ RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] } } }),
      },
      "Dead cannot be the dead-letter queue of Wrong",
    ],
  ])(
    "is refused if SQS would not create it, or the local cloud does not know a property: %j",
    (added, message) => {
      expect(() => read(added)).toThrow(message);
    },
  );
});

describe("an event source mapping", () => {
  test("has its settings, or the defaults of Lambda", () => {
    const settings = {
      BatchSize: 2,
      Enabled: false,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 3 },
      FunctionName: { "Fn::GetAtt": ["Count", "Arn"] },
    };
    const { queueMappings } = read({ One: mapping(settings), Other: mapping() });
    expect(queueMappings).toMatchObject([
      {
        logicalId: "One",
        queueArn: "arn:aws:sqs:us-east-1:000000000000:Fixture-OrdersABCD1234.fifo",
        function: { logicalId: "Count" },
        isEnabled: false,
        batchSize: 2,
        windowMs: 0,
        maxConcurrency: 3,
        reportsFailures: true,
      },
      {
        function: { logicalId: "Echo" },
        isEnabled: true,
        batchSize: 10,
        maxConcurrency: 5,
        reportsFailures: false,
      },
    ]);
  });

  test("calls the function behind an alias", () => {
    const Alias = {
      Type: "AWS::Lambda::Alias",
      Properties: { Name: "live", FunctionName: { Ref: "Count" } },
    };
    const { queueMappings } = read({ Alias, Mapping: mapping({ FunctionName: { Ref: "Alias" } }) });
    expect(queueMappings[0]?.function.logicalId).toBe("Count");
  });

  test("makes a stack without an API complete", () => {
    const { Environment: _environment, ...properties } = lambda("Echo", {}).Properties;
    const Echo = { Type: "AWS::Lambda::Function", Properties: { ...properties, Role: "role" } };
    const readAlone = (added: object) =>
      readAssembly(writeAssembly({ Resources: { ...RESOURCES, Echo, ...added } }), LOCAL_VALUES);
    expect(readAlone({ Mapping: mapping() }).api.routes).toEqual([]);
    expect(() => readAlone({})).toThrow("has 0 HTTP APIs");
  });

  const Plain = queue();
  const fromPlain = { EventSourceArn: { "Fn::GetAtt": ["Plain", "Arn"] } };
  test.each([
    [{ FilterCriteria: { Filters: [] } }, "Mapping has the property FilterCriteria"],
    [
      { EventSourceArn: { "Fn::GetAtt": ["ItemsABCD1234", "Arn"] } },
      "is not a queue of the assembly",
    ],
    [{ FunctionName: "none" }, "none of its Lambda functions"],
    [{ MaximumBatchingWindowInSeconds: 1 }, "batching window for a FIFO queue"],
    [{ BatchSize: 11 }, "batch size 11"],
    [{ ...fromPlain, BatchSize: 11 }, "batch size 11"],
    [{ ...fromPlain, BatchSize: 0 }, "batch size 0"],
    [{ ...fromPlain, BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, "batch size 10001"],
  ])(
    "is refused if Lambda would not create it, or the local cloud cannot run it: %j",
    (properties, message) => {
      expect(() => read({ Plain, Mapping: mapping(properties) })).toThrow(message);
    },
  );

  test("is refused for a function that may run longer than the visibility timeout", () => {
    const Slow = lambda("Echo", { timeoutSeconds: 61 });
    expect(() => read({ Slow, Mapping: mapping({ FunctionName: { Ref: "Slow" } }) })).toThrow(
      "Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds",
    );
  });
});
