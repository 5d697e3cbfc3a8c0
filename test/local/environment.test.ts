import { expect, test } from "@jest/globals";
import { overrideVariables } from "../../local/assembly/environment.ts";
import { readAssembly } from "../../local/assembly.ts";
import { fixtureTemplate, writeAssembly } from "./fixture-assembly.ts";

const { api } = readAssembly(writeAssembly(fixtureTemplate()), { apiUrl: "http://127.0.0.1:3000" });

test("a function gets another value for a variable of its own, and no others", () => {
  const before = new Map(api.routes.map((route) => [route.routeKey, route.function.environment]));
  const { routes } = overrideVariables(api, { SECOND: "overridden" });
  expect(routes.map(({ routeKey }) => routeKey)).toEqual([...before.keys()]);
  for (const { routeKey, function: target } of routes) {
    const own = before.get(routeKey) ?? {};
    expect(target.environment).toEqual("SECOND" in own ? { ...own, SECOND: "overridden" } : own);
  }
  const echo = routes.find(({ routeKey }) => routeKey === "POST /echo");
  expect(echo?.function.environment.SECOND).toBe("overridden");
});

test("without overrides everything stays as the template says", () => {
  expect(overrideVariables(api, {})).toEqual(api);
});

test("a variable that no function has is refused, with the list of variables", () => {
  expect(() => overrideVariables(api, { SECONDS: "1" })).toThrow(
    /^No function behind the API has the variable SECONDS; they have .*SECOND, TABLE/,
  );
});
