import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import cdk from "../cdk.json" with { type: "json" };
import { TransferStack } from "../lib/sample/transfer-stack.ts";

// The context is set here as well, so that `node bin/app.ts` without the CLI synthesizes the same.
const app = new App({ context: cdk.context });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const bankUrl: string | undefined = app.node.tryGetContext("bankUrl");
new TransferStack(app, "TransferStack", {
  description: "Transfers between accounts that are safe to retry.",
  ...(bankUrl !== undefined && { bankUrl }),
});
app.synth();
