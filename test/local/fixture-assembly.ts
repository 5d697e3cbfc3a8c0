import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One module with the handlers that the tests need. */
const CODE = `
let invocations = 0;
export const echo = async (event) => event;
export const count = async () => {
  console.log("counting");
  return { pid: process.pid, invocations: ++invocations };
};
export const hang = async () => new Promise((resolve) => setTimeout(resolve, 60_000));
export const fail = async () => { throw new Error("on purpose"); };
export const answer = async (event) => JSON.parse(event.body);
export const now = async () => Date.now();
export const remaining = async (event, context) => context.getRemainingTimeInMillis();
// Waits until as many invocations are under way as the folder is meant to see.
export const meet = async (event) => {
  const { mkdirSync, writeFileSync, readdirSync } = await import("node:fs");
  const { folder, parties } = JSON.parse(event.body);
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + "/" + process.pid, "");
  while (readdirSync(folder).length < parties) await new Promise((resolve) => setTimeout(resolve, 5));
  return { pid: process.pid };
};
export const authorize = async (event) => {
  const token = event.headers.authorization;
  if (token === "break") throw new Error("on purpose");
  return { isAuthorized: token === "let me in", context: { holder: "alice", event } };
};
`;

/** Local values for the intrinsic functions of the template. */
export const LOCAL_VALUES = {
  apiUrl: "http://127.0.0.1:3000",
  queuesUrl: "http://127.0.0.1:3001/000000000000/",
};

type FunctionSettings = { handler?: string; timeoutSeconds?: number };

const FUNCTIONS: Record<string, FunctionSettings> = {
  Echo: {},
  Count: {},
  Hang: { timeoutSeconds: 1 },
  Fail: {},
  Answer: {},
  Now: {},
  Remaining: {},
  Meet: { timeoutSeconds: 10 },
  Unloadable: { handler: "index.isNotThere" },
};

const ROUTES: Record<string, { target: string; isAuthorized?: boolean }> = {
  "POST /echo": { target: "Echo" },
  "GET /items/{id}": { target: "Echo" },
  "GET /items/special": { target: "Count" },
  "ANY /files/{path+}": { target: "Echo" },
  "GET /guarded": { target: "Echo", isAuthorized: true },
  "GET /count": { target: "Count" },
  "GET /hang": { target: "Hang" },
  "GET /fail": { target: "Fail" },
  "POST /answer": { target: "Answer" },
  "GET /now": { target: "Now" },
  "GET /remaining": { target: "Remaining" },
  "POST /meet": { target: "Meet" },
  "GET /unloadable": { target: "Unloadable" },
};

/** A template in the form in which CDK writes it, with resources of the caller's added. */
export function fixtureTemplate(added: Record<string, unknown> = {}) {
  const functions = { ...FUNCTIONS, Authorize: { handler: "index.authorize" } };
  return {
    Parameters: { BootstrapVersion: { Type: "String", Default: "/cdk-bootstrap/version" } },
    Resources: {
      ItemsABCD1234: {
        Type: "AWS::DynamoDB::GlobalTable",
        Properties: {
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
              WarmThroughput: { ReadUnitsPerSecond: 5 },
            },
          ],
          TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
          Replicas: [{ Region: { Ref: "AWS::Region" } }],
        },
      },
      Role: { Type: "AWS::IAM::Role", Properties: { Anything: { "Fn::GetAZs": "" } } },
      Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "HTTP" } },
      Stage: {
        Type: "AWS::ApiGatewayV2::Stage",
        Properties: { ApiId: { Ref: "Api" }, StageName: "$default" },
      },
      Authorizer: {
        Type: "AWS::ApiGatewayV2::Authorizer",
        Properties: {
          AuthorizerType: "REQUEST",
          AuthorizerPayloadFormatVersion: "2.0",
          EnableSimpleResponses: true,
          IdentitySource: ["$request.header.Authorization"],
          AuthorizerUri: {
            "Fn::Join": [
              "",
              [
                "arn:",
                { Ref: "AWS::Partition" },
                ":apigateway:region:lambda:path/2015-03-31/functions/",
                { "Fn::GetAtt": ["Authorize", "Arn"] },
                "/invocations",
              ],
            ],
          },
        },
      },
      ...Object.fromEntries(
        Object.entries(functions).map(([name, settings]) => [name, lambda(name, settings)]),
      ),
      ...Object.fromEntries(
        Object.entries(ROUTES).flatMap(([key, { target, isAuthorized }], index) => [
          [`Integration${index}`, integration(target)],
          [`Route${index}`, route(key, `Integration${index}`, isAuthorized)],
        ]),
      ),
      ...added,
    },
  };
}

/** A function of the fixture's code. */
export function lambda(name: string, { handler, timeoutSeconds }: FunctionSettings) {
  return {
    Type: "AWS::Lambda::Function",
    Properties: {
      Code: { S3Bucket: { "Fn::Sub": `assets-\${AWS::AccountId}` }, S3Key: "code.zip" },
      Runtime: "nodejs24.x",
      Handler: handler ?? `index.${name.toLowerCase()}`,
      Role: { "Fn::GetAtt": ["Role", "Arn"] },
      ...(timeoutSeconds && { Timeout: timeoutSeconds }),
      Environment: {
        Variables: {
          TABLE: { Ref: "ItemsABCD1234" },
          TABLE_ARN: { "Fn::GetAtt": ["ItemsABCD1234", "Arn"] },
          API: { "Fn::Sub": `\${Api.ApiEndpoint}/in/\${AWS::Region}` },
          SECOND: { "Fn::Select": [1, { "Fn::Split": ["-", "first-second"] }] },
        },
      },
    },
  };
}

function integration(target: string) {
  return {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      IntegrationType: "AWS_PROXY",
      PayloadFormatVersion: "2.0",
      IntegrationUri: { "Fn::GetAtt": [target, "Arn"] },
    },
  };
}

function route(routeKey: string, integrationId: string, isAuthorized = false) {
  return {
    Type: "AWS::ApiGatewayV2::Route",
    Properties: {
      RouteKey: routeKey,
      Target: { "Fn::Join": ["", ["integrations/", { Ref: integrationId }]] },
      AuthorizationType: isAuthorized ? "CUSTOM" : "NONE",
      ...(isAuthorized && { AuthorizerId: { Ref: "Authorizer" } }),
    },
  };
}

/** Writes a cloud assembly around a template and returns its folder. */
export function writeAssembly(template: unknown = fixtureTemplate()): string {
  const folder = mkdtempSync(join(tmpdir(), "assembly-"));
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write("manifest.json", {
    artifacts: {
      "Fixture.assets": {
        type: "cdk:asset-manifest",
        properties: { file: "Fixture.assets.json" },
      },
      Fixture: {
        type: "aws:cloudformation:stack",
        properties: { templateFile: "Fixture.template.json" },
      },
      Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
    },
  });
  write("Fixture.assets.json", {
    files: {
      code: {
        source: { path: "asset.code", packaging: "zip" },
        destinations: { here: { objectKey: "code.zip" } },
      },
    },
  });
  write("Fixture.template.json", template);
  mkdirSync(join(folder, "asset.code"));
  writeFileSync(join(folder, "asset.code", "index.mjs"), CODE);
  return folder;
}
