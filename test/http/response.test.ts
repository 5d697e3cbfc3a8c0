import { expect, test } from "@jest/globals";
import { copyResponse } from "../../lib/http/response.ts";

test("a copy of a response shares no mutable value with it", () => {
  const response = {
    statusCode: 201,
    headers: { a: "1" },
    multiValueHeaders: { b: ["1"] },
    cookies: ["c=1"],
    body: "{}",
  };
  const copy = copyResponse(response);
  response.headers.a = "2";
  response.multiValueHeaders.b.push("2");
  response.cookies.push("c=2");
  expect(copy).toEqual({
    statusCode: 201,
    headers: { a: "1" },
    multiValueHeaders: { b: ["1"] },
    cookies: ["c=1"],
    body: "{}",
  });
  expect(copyResponse({ statusCode: 204 })).toEqual({ statusCode: 204 });
});
