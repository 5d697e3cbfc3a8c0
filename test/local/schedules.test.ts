import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readAssembly } from "../../local/assembly.ts";
import { type LambdaApi, startLambdaApi } from "../../local/lambda-api.ts";
import { fixtureTemplate, LOCAL_VALUES, writeAssembly } from "./fixture-assembly.ts";

const rule = (properties: object) => ({
  Every: { Type: "AWS::Events::Rule", Properties: properties },
});
const target = { Arn: { "Fn::GetAtt": ["Echo", "Arn"] }, Id: "Target0" };
const read = (properties: object) =>
  readAssembly(writeAssembly(fixtureTemplate(rule(properties))), LOCAL_VALUES);

test("a rule with a schedule has its function", () => {
  const { schedules } = read({ ScheduleExpression: "rate(1 minute)", Targets: [target] });
  expect(schedules).toMatchObject([{ logicalId: "Every", function: { logicalId: "Echo" } }]);
});

test.each([
  [{ EventPattern: { source: ["aws.s3"] }, Targets: [target] }],
  [{ ScheduleExpression: "rate(1 minute)", Targets: [] }],
  [{ ScheduleExpression: "rate(1 minute)", Targets: [target, target] }],
])("another rule is refused: %j", (properties) => {
  expect(() => read(properties)).toThrow("cannot run Every (AWS::Events::Rule)");
});

let api: LambdaApi;
let client: LambdaClient;
beforeAll(async () => {
  api = await startLambdaApi((name, payload) => {
    if (name === "unknown") return undefined;
    return Promise.resolve({ outcome: name === "fails" ? "failed" : "returned", payload });
  });
  client = new LambdaClient({
    endpoint: api.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await api.close();
});

const invoke = async (FunctionName: string) => {
  const answer = await client.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from('{"a":1}') }),
  );
  return { error: answer.FunctionError, text: Buffer.from(answer.Payload ?? []).toString() };
};

test("the Lambda API invokes a function by its name, and says whether it failed", async () => {
  expect(await invoke("echoes")).toEqual({ error: undefined, text: '{"a":1}' });
  expect(await invoke("fails")).toEqual({ error: "Unhandled", text: '{"a":1}' });
  await expect(invoke("unknown")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
