import { expect, test } from "@jest/globals";
import { overrideVariables } from "../../local/assembly/environment.ts";
import { readAssembly } from "../../local/assembly.ts";
import { fixtureTemplate, LOCAL_VALUES, writeAssembly } from "./fixture-assembly.ts";

const EVERY_FUNCTION = {
  Queue: { Type: "AWS::SQS::Queue" },
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] },
      FunctionName: { Ref: "Echo" },
    },
  },
  Every: {
    Type: "AWS::Events::Rule",
    Properties: {
      ScheduleExpression: "rate(1 minute)",
      Targets: [{ Arn: { "Fn::GetAtt": ["Echo", "Arn"] }, Id: "Target0" }],
    },
  },
};

const assembly = readAssembly(writeAssembly(fixtureTemplate(EVERY_FUNCTION)), LOCAL_VALUES);
const { api } = assembly;

test("a function gets another value for a variable of its own, and no others", () => {
  const before = new Map(api.routes.map((route) => [route.routeKey, route.function.environment]));
  const overridden = overrideVariables(assembly, { SECOND: "overridden" });
  const { routes } = overridden.api;
  expect(routes.map(({ routeKey }) => routeKey)).toEqual([...before.keys()]);
  for (const { routeKey, function: target } of routes) {
    const own = before.get(routeKey) ?? {};
    expect(target.environment).toEqual("SECOND" in own ? { ...own, SECOND: "overridden" } : own);
  }
  const echo = routes.find(({ routeKey }) => routeKey === "POST /echo");
  expect(echo?.function.environment.SECOND).toBe("overridden");
  for (const one of [...overridden.schedules, ...overridden.queueMappings]) {
    expect(one.function).toEqual(echo?.function);
  }
});

test("without overrides everything stays as the template says", () => {
  expect(overrideVariables(assembly, {})).toEqual(assembly);
});

test("a variable that no function has is refused, with the list of variables", () => {
  expect(() => overrideVariables(assembly, { SECONDS: "1" })).toThrow(
    /^No function of the stack has the variable SECONDS; they have .*SECOND, TABLE/,
  );
});
