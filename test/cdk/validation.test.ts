import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, jest, test } from "@jest/globals";
import { App, Stack, Validations } from "aws-cdk-lib";
import { AttributeType, CfnTable, Table } from "aws-cdk-lib/aws-dynamodb";
import { AwsSolutionsChecks } from "cdk-nag";
import cdk from "../../cdk.json" with { type: "json" };
import { TransferStack } from "../../lib/sample/transfer-stack.ts";

beforeAll(() => {
  // The validators print their findings as well.
  jest.spyOn(console, "error").mockImplementation(() => {});
  jest.spyOn(process.stderr, "write").mockImplementation(() => true);
});

/** Validates a stack as `bin/app.ts` does, and returns the findings of the validators. */
function validate(build: (app: App) => void): string {
  // Nothing is bundled: only the templates are validated.
  const app = new App({ context: { ...cdk.context, "aws:cdk:bundling-stacks": [] } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  build(app);
  try {
    app.synth();
    return "nothing";
  } catch {
    return readFileSync(join(app.outdir, "validation-report.json"), "utf8");
  }
}

test("a template that CloudFormation would refuse is refused here", () => {
  const found = validate((app) => {
    new CfnTable(new Stack(app, "Broken"), "Table", {
      keySchema: [{ attributeName: "id", keyType: "HASH" }],
      attributeDefinitions: [{ attributeName: "id", attributeType: "Z" }],
      billingMode: "PAY_PER_REQUEST",
    });
  });
  expect(found).toContain("AttributeDefinitions.0.AttributeType: 'Z' is not one of");
});

test("a stack against the rules of AwsSolutions is refused here", () => {
  const found = validate((app) => {
    new Table(new Stack(app, "Careless"), "Table", {
      partitionKey: { name: "id", type: AttributeType.STRING },
    });
  });
  expect(found).toContain("AwsSolutions-DDB3");
});

test("without tracing, as it is by default, there is no finding", () => {
  expect(validate((app) => new TransferStack(app, "Untraced"))).toBe("nothing");
});

test("with tracing, the right to write traces is the only finding, and it is explained", () => {
  expect(validate((app) => new TransferStack(app, "Traced", { tracing: true }))).toBe("nothing");
}, 60_000);
