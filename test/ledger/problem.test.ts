import { expect, test } from "@jest/globals";
import { problemResponse } from "../../lambda/http/problem.ts";
import { idempotent, ietf, memoryStore } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";

test("a problem of the sample has the members of the layer's refusals, so that clients read one form", async () => {
  const handler = idempotent(async () => ({ statusCode: 201, body: "" }), {
    store: memoryStore(),
    singleTenant: true,
    profile: ietf(),
  });
  const refusal = JSON.parse((await handler(httpApiEvent(), {})).body);
  const problem = problemResponse({ statusCode: 404, code: "c", title: "t", detail: "d" });
  const body = JSON.parse(problem.body as string);
  expect(Object.keys(body).sort()).toEqual(Object.keys(refusal).sort());
  expect(Object.keys(body.error).sort()).toEqual(Object.keys(refusal.error).sort());
  expect(body).toMatchObject({ detail: "d", message: "d", error: { message: "d" } });
});
