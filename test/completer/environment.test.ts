import { expect, test } from "@jest/globals";
import { readBounds, readFunctions } from "../../lib/completer/environment.ts";

const ARN = "arn:aws:lambda:eu-central-1:111122223333:function:create-payout";

test("a function is known by its service, and invoked by its ARN", () => {
  expect(readFunctions({ FUNCTIONS: JSON.stringify({ payouts: ARN }) })).toEqual([
    { name: "payouts", arn: ARN, functionName: "create-payout" },
  ]);
});

test.each(["live", "7", "$LATEST"])("the qualifier %s of an ARN is kept", (qualifier) => {
  const arn = `${ARN}:${qualifier}`;
  expect(readFunctions({ FUNCTIONS: JSON.stringify({ payouts: arn }) })).toEqual([
    { name: "payouts", arn, functionName: "create-payout" },
  ]);
});

test("ARNs of other partitions of AWS are ARNs as well", () => {
  const arn = "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:pay";
  expect(readFunctions({ FUNCTIONS: JSON.stringify({ pay: arn }) })).toMatchObject([{ arn }]);
});

test.each([
  ["no JSON", "create-payout,create-refund"],
  ["a list", JSON.stringify([ARN])],
  ["null", "null"],
  ["a text", JSON.stringify(ARN)],
  ["without a function", "{}"],
])("a value that is %s is shown beside the expected one", (_name, FUNCTIONS) => {
  expect(() => readFunctions({ FUNCTIONS })).toThrow(
    `idempotency: the environment variable FUNCTIONS is ${FUNCTIONS}; expected a JSON object of the services and the ARNs of their functions, for example {"payouts":"arn:`,
  );
});

test.each([
  ["payouts", "create-payout"],
  ["payouts", 7],
  ["payouts", "arn:aws:sqs:eu-central-1:111122223333:create-payout"],
  ["payouts", `${ARN}:live:more`],
  [" ", ARN],
  ["undefined", ARN],
])("a member %j with the value %j is named", (name, arn) => {
  expect(() => readFunctions({ FUNCTIONS: JSON.stringify({ [name]: arn }) })).toThrow(
    expect.objectContaining({
      name: "IdempotencyConfigurationError",
      message: expect.stringContaining(
        `its member ${JSON.stringify(name)} is ${JSON.stringify(arn)}; expected`,
      ),
    }),
  );
});

test("a missing variable is named", () => {
  expect(() => readFunctions({})).toThrow("the environment variable FUNCTIONS is not set");
});

test("the bounds are 10 attempts and a day, or as the variables say", () => {
  expect(readBounds({})).toEqual({ maxAttempts: 10, maxAgeMs: 24 * 60 * 60 * 1000 });
  const given = { MAX_ATTEMPTS: "3", MAX_AGE_SECONDS: "7200" };
  expect(readBounds(given)).toEqual({ maxAttempts: 3, maxAgeMs: 7_200_000 });
});

test.each(["MAX_ATTEMPTS", "MAX_AGE_SECONDS"])("another value of %s is named", (name) => {
  for (const value of ["", "0", "-1", "1.5", "ten", "1e3", "12345678901"]) {
    expect(() => readBounds({ [name]: value })).toThrow(
      `idempotency: the environment variable ${name} is ${value}; expected a whole number from 1`,
    );
  }
});
