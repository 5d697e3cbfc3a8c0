import { describe, expect, test } from "@jest/globals";
import { readRequest } from "../../../lib/http/request.ts";
import { albEvent, httpApiEvent, restApiEvent, vpcLatticeEvent } from "../../support/events.ts";

const batch = (eventSource: string) => ({ Records: [{ eventSource, body: "{}" }] });

describe("an event that is no HTTP request is named by its likely kind:", () => {
  test.each<[string, object]>([
    ["an SQS batch", batch("aws:sqs")],
    ["an SNS notification", { Records: [{ EventSource: "aws:sns", Sns: {} }] }],
    ["an S3 notification", batch("aws:s3")],
    ["a Kinesis batch", batch("aws:kinesis")],
    ["a DynamoDB stream's batch", batch("aws:dynamodb")],
    ["a Kafka batch (Amazon MSK)", { eventSource: "aws:kafka", records: {} }],
    ["a batch of Amazon MQ (RabbitMQ)", { eventSource: "aws:rmq", rmqMessagesByQueue: {} }],
    [
      "an EventBridge event",
      { "detail-type": "Scheduled Event", source: "aws.events", detail: {} },
    ],
    ["an EventBridge event", { source: "aws.events", detail: {} }],
    ["a batch of CloudWatch Logs", { awslogs: { data: "…" } }],
    ["an AppSync resolver's event", { info: { fieldName: "pay" }, arguments: {} }],
    ["a Cognito trigger", { triggerSource: "PreSignUp_SignUp", userPoolId: "p" }],
    ["a CloudFront event (Lambda@Edge)", { Records: [{ cf: { request: { method: "POST" } } }] }],
    ["a Firehose transformation", { deliveryStreamArn: "arn:…", records: [] }],
    ["a request of a CloudFormation custom resource", { ResponseURL: "https://…" }],
    ["a VPC Lattice event of version 1", { raw_path: "/x", method: "POST", headers: {} }],
    [
      "a WebSocket API's event (API Gateway)",
      { requestContext: { connectionId: "c", routeKey: "$default" }, body: "{}" },
    ],
    [
      "a Lambda authorizer's event (API Gateway)",
      { ...restApiEvent(), type: "REQUEST", methodArn: "arn:…" },
    ],
    [
      "a Lambda authorizer's event (API Gateway)",
      { ...httpApiEvent(), type: "REQUEST", routeArn: "arn:…" },
    ],
    [
      "an action of a Bedrock agent",
      { agent: { name: "a" }, actionGroup: "g", apiPath: "/x", httpMethod: "POST" },
    ],
  ])("%s", (kind, event) => {
    expect(() => readRequest(event)).toThrow(
      expect.objectContaining({
        name: "IdempotencyConfigurationError",
        message: expect.stringContaining(`The event is not an HTTP request: it looks like ${kind}`),
      }),
    );
  });

  test("a source with a similar name is not recognised", () => {
    expect(() => readRequest(batch("constructor"))).toThrow('only ["Records"]');
  });

  test("the message stays short, for any number of members", () => {
    const event = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`${at}`.repeat(99), 1]),
    );
    try {
      readRequest(event);
      throw new Error("it was taken for a request");
    } catch (error) {
      expect((error as Error).message).toMatch(/neither requestContext/);
      expect((error as Error).message.length).toBeLessThan(1_500);
    }
  });
});

describe("an event with an invalid method is no request:", () => {
  test.each([[""], ["PO ST"], [7], [null], [["POST"]], ["POST\n"]])("%j", (method) => {
    for (const event of [
      { ...httpApiEvent(), requestContext: { http: { method } } },
      { ...restApiEvent(), httpMethod: method },
      { ...albEvent(), httpMethod: method },
      { ...vpcLatticeEvent(), method },
    ]) {
      expect(() => readRequest(event)).toThrow("The event is not an HTTP request");
    }
  });
});

test("an event of VPC Lattice is recognised by its version or its service", () => {
  const { version, requestContext, ...rest } = vpcLatticeEvent();
  expect(readRequest({ ...rest, version }).format).toBe("vpc-lattice");
  expect(readRequest({ ...rest, requestContext }).format).toBe("vpc-lattice");
  expect(() => readRequest(rest)).toThrow("The event is not an HTTP request");
});
