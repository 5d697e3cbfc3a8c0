import { expect, test } from "@jest/globals";
import {
  type AuthorizedEvent,
  readAccountHolder,
  requireHolder,
} from "../../lambda/auth/account-holder.ts";
import { bearerToken } from "../../lambda/auth/bearer-token.ts";

const eventWith = (authorizer: unknown) => ({ requestContext: { authorizer } }) as AuthorizedEvent;

test("the authorizer's context names the account holder", () => {
  expect(readAccountHolder(eventWith({ lambda: { accountHolder: "alice" } }))).toBe("alice");
});

test.each([
  ["there is no authorizer", undefined],
  ["it gave no context", { lambda: null }],
  ["its context is empty", { lambda: {} }],
  ["its holder is empty", { lambda: { accountHolder: "" } }],
  ["it refused for an unheard-of reason", { lambda: { refused: "tired" } }],
  ["it is another kind of authorizer", { jwt: { claims: { sub: "alice" } } }],
])("a request is not authenticated if %s", (_, authorizer) => {
  expect(() => readAccountHolder(eventWith(authorizer))).toThrow(
    expect.objectContaining({ statusCode: 401 }),
  );
});

test("a request that a completer may finish has its account holder as its tenant", () => {
  expect(requireHolder({ tenant: "alice" })).toBe("alice");
  // With a status, the layer would take it for a refusal.
  expect(() => requireHolder({ tenant: undefined })).toThrow(
    expect.not.objectContaining({ statusCode: expect.anything() }),
  );
});

test.each([
  ["Bearer abc", "abc"],
  ["bearer  abc==", "abc=="],
  ["Bearer", undefined],
  ["Bearer ", undefined],
  ["Bearer a b", undefined],
  ["Bearer é", undefined],
  [`Bearer ${"a".repeat(257)}`, undefined],
  ["Token abc", undefined],
])("%.30s carries the token %s", (authorization, token) => {
  expect(bearerToken(authorization)).toBe(token);
});
