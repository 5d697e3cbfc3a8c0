import { beforeAll, expect, test } from "@jest/globals";
import { Match, Template } from "aws-cdk-lib/assertions";
import { type Synthesis, synthesize, synthesizeWith } from "./synthesis.ts";

let synthesis: Synthesis;
let template: Template;
beforeAll(async () => {
  synthesis = await synthesize();
  template = Template.fromJSON(synthesis.template);
}, 120_000);

const propertiesOf = (type: string) =>
  Object.values(template.findResources(type)).map((resource) => resource.Properties);

const bankUrlOf = (from: Synthesis) =>
  Object.values(from.template.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .flatMap(({ Properties }) => Properties.Environment.Variables.BANK_URL ?? [])
    .join();

test("neither AWS's validator nor cdk-nag finds anything", () => {
  expect(synthesis.findings).toEqual([]);
});

test("every function runs on Node 24 and arm64, untraced; 10 seconds at most, but the completer", () => {
  const functions = propertiesOf("AWS::Lambda::Function");
  expect(functions).toHaveLength(18);
  for (const properties of functions) {
    const isCompleter = "FUNCTIONS" in properties.Environment.Variables;
    expect(properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Timeout: isCompleter ? 900 : 10,
      MemorySize: 512,
      Handler: "index.handler",
    });
    expect(properties.TracingConfig).toBeUndefined();
    expect(properties.LoggingConfig.LogGroup).toEqual({ Ref: expect.any(String) });
  }
});

test("functions know their tables, the function for payouts its bank, the completer its functions", () => {
  const names = propertiesOf("AWS::Lambda::Function").map((properties) =>
    Object.keys(properties.Environment.Variables).sort().join(" "),
  );
  expect(names.sort()).toEqual([
    "BANK_URL IDEMPOTENCY_SERVICE IDEMPOTENCY_TABLE LEDGER_TABLE",
    "FUNCTIONS IDEMPOTENCY_TABLE MAX_AGE_SECONDS MAX_ATTEMPTS",
    ...Array.from({ length: 6 }, () => "IDEMPOTENCY_SERVICE IDEMPOTENCY_TABLE LEDGER_TABLE"),
    "IDEMPOTENCY_SERVICE IDEMPOTENCY_TABLE LEDGER_TABLE TRANSFERS_QUEUE_URL",
    ...Array.from({ length: 8 }, () => "LEDGER_TABLE"),
    "TOKENS_TABLE",
  ]);
});

test("the bank comes from the context", () => {
  expect(bankUrlOf(synthesis)).toBe("https://bank.example.com");
  expect(bankUrlOf(synthesizeWith({ bankUrl: "https://bank.test" }))).toBe("https://bank.test");
}, 60_000);

test("logs are kept for a month, the API's among them", () => {
  const logGroups = propertiesOf("AWS::Logs::LogGroup");
  expect(logGroups).toHaveLength(19);
  for (const properties of logGroups) expect(properties.RetentionInDays).toBe(30);
});

test("every table is on demand, protected, recoverable and retained", () => {
  template.resourceCountIs("AWS::DynamoDB::Table", 3);
  template.allResources("AWS::DynamoDB::Table", {
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true },
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  });
});

test("the queue of transfers has an order, patience, dead letters and an alarm for them", () => {
  template.resourceCountIs("AWS::SQS::Queue", 2);
  template.allResources("AWS::SQS::Queue", {
    DeletionPolicy: "Retain",
    Properties: { FifoQueue: true, MessageRetentionPeriod: 14 * 86_400 },
  });
  const dead = { "Fn::GetAtt": [Match.stringLikeRegexp("^TransfersDead"), "Arn"] };
  template.hasResourceProperties("AWS::SQS::Queue", {
    // Six times the time of the function.
    VisibilityTimeout: 60,
    RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount: 5 },
  });
  template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    EventSourceArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^Transfers(?!Dead)"), "Arn"] },
    FunctionName: { Ref: Match.stringLikeRegexp("^MakeTransfers") },
    FunctionResponseTypes: ["ReportBatchItemFailures"],
  });
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    MetricName: "ApproximateNumberOfMessagesVisible",
    Threshold: 1,
  });
});

test("each route has a function of its own behind the authorizer", () => {
  const routes = propertiesOf("AWS::ApiGatewayV2::Route");
  expect(routes.map((route) => route.RouteKey).sort()).toEqual([
    "GET /accounts/{id}",
    "GET /payouts/{id}",
    "GET /transfers/{id}",
    "GET /v1/charges/{id}",
    "GET /v1/transactions/{id}",
    "GET /v2/transfers/{id}",
    "GET /wallets/{walletId}/transactions/{transactionId}",
    "GET /wallets/{walletId}/transfers/{transferId}",
    "POST /payouts",
    "POST /transfers",
    "POST /v1/charges",
    "POST /v1/transactions",
    "POST /v2/transfers",
    "POST /wallets/{walletId}/transactions",
    "POST /wallets/{walletId}/transfers",
  ]);
  for (const route of routes) {
    expect(route).toMatchObject({ AuthorizationType: "CUSTOM", AuthorizerId: expect.anything() });
  }
  template.allResourcesProperties("AWS::ApiGatewayV2::Integration", {
    PayloadFormatVersion: "2.0",
  });
});

test("the authorizer is asked about every request, without a cache", () => {
  template.hasResourceProperties("AWS::ApiGatewayV2::Authorizer", {
    AuthorizerType: "REQUEST",
    AuthorizerPayloadFormatVersion: "2.0",
    EnableSimpleResponses: true,
    AuthorizerResultTtlInSeconds: 0,
    IdentitySource: [],
  });
});

test("the stage is throttled and writes its access log as JSON", () => {
  template.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
    StageName: "$default",
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    AccessLogSettings: {
      DestinationArn: Match.anyValue(),
      Format: Match.serializedJson(
        Match.objectLike({ requestId: "$context.requestId", status: "$context.status" }),
      ),
    },
  });
});

test("the outputs name the API and the tables", () => {
  expect(Object.keys(template.findOutputs("*")).sort()).toEqual([
    "ApiUrl",
    "IdempotencyTableName",
    "LedgerTableName",
    "TokensTableName",
    "TransfersQueueUrl",
  ]);
});
