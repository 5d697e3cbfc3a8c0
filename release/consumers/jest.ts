import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Consumer } from "./consumer.ts";

const CDK = fileURLToPath(new URL("../../node_modules/aws-cdk/bin/cdk", import.meta.url));

/** The app that `cdk init` generates: its Jest, its compiler and its synthesis stay as they are. */
export const CDK_INIT: Consumer = {
  name: "cdk-init",
  run(createProject, report) {
    const project = createProject();
    const app = { cwd: project.folder, env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "true" } };
    const init = ["init", "app", "--language", "typescript", "--generate-only"];
    execFileSync(process.execPath, [CDK, ...init], { ...app, stdio: "ignore" });
    project.add("cdk-init/cdk-init-stack.ts", "lib/cdk-init-stack.ts");
    project.add("cdk-init/cdk-init.test.ts", "test/cdk-init.test.ts");
    project.add("transfers.ts", "lib/transfers.ts");
    project.add("transfers.test.ts", "test/transfers.test.ts");
    // NodejsFunction asks for esbuild, to bundle the app's own handler.
    const sdk = ["@aws-sdk/client-dynamodb", "@aws-sdk/util-dynamodb"];
    report(project.install(...sdk, "aws-cdk-lib", "jest", "@swc/jest", "typescript", "esbuild"));
    project.run("npm", "test");
    report("npm test: passed");
    project.run("npx", "cdk", "synth", "--quiet");
    const assets = readdirSync(join(project.folder, "cdk.out")).filter((name) =>
      name.startsWith("asset."),
    );
    report(`cdk synth: passed, with ${assets.length} assets`);
  },
};

/** Jest's default mode, CommonJS, with the compiler of TypeScript in place of SWC. */
export const TS_JEST: Consumer = {
  name: "ts-jest",
  run(createProject, report) {
    const project = createProject({ jest: { preset: "ts-jest" } });
    mkdirSync(join(project.folder, "test"));
    project.add("ts-jest/tsconfig.json", "tsconfig.json");
    project.add("transfers.ts", "lib/transfers.ts");
    project.add("transfers.test.ts", "test/transfers.test.ts");
    const sdk = ["@aws-sdk/client-dynamodb", "@aws-sdk/util-dynamodb"];
    const jest = ["jest@30", "ts-jest@29", "typescript@5.9", "@types/jest@30", "@types/node@22"];
    report(project.install(...sdk, ...jest));
    project.run("npx", "jest");
    report("jest: passed");
  },
};
