import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AssetFolders } from "./assembly/functions.ts";
import { type HttpApi, readHttpApi } from "./assembly/http-api.ts";
import { readSchedules, type Schedule } from "./assembly/schedules.ts";
import { readTables, type TableDefinition } from "./assembly/tables.ts";
import { type LocalValues, readTemplate, type Template } from "./assembly/template.ts";

/** The parts of a cloud assembly (`cdk.out`) that run on this machine. */
export type Assembly = {
  tables: TableDefinition[];
  /** The API with its routes, which hold the functions. */
  api: HttpApi;
  schedules: Schedule[];
};

type Artifact = {
  type: string;
  properties?: { templateFile?: string; stackName?: string; file?: string };
};

type AssetManifest = {
  files?: Record<
    string,
    { source: { path?: string }; destinations: Record<string, { objectKey: string }> }
  >;
};

/**
 * Reads the cloud assembly in a folder.
 *
 * @throws for a resource that the local cloud would have to run and cannot. It skips resources
 * without an effect on this machine (roles, logs, alarms …).
 */
export function readAssembly(folder: string, local: LocalValues): Assembly {
  const manifestFile = join(folder, "manifest.json");
  if (!existsSync(manifestFile)) {
    throw new Error(
      `There is no cloud assembly in ${folder} (no manifest.json): run \`cdk synth\`.`,
    );
  }
  const manifest = readJson(manifestFile) as { artifacts?: Record<string, Artifact> };
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const assets = readAssets(folder, artifacts);
  const templates = artifacts
    .filter(([, artifact]) => artifact.type === "aws:cloudformation:stack")
    .map(([id, { properties = {} }]) => {
      const text = readJson(join(folder, properties.templateFile ?? `${id}.template.json`));
      return readTemplate(properties.stackName ?? id, text, local);
    });
  templates.forEach(refuseUnsupported);

  const apis = templates.flatMap((template) => readHttpApi(template, assets) ?? []);
  const [api] = apis;
  if (!api || apis.length > 1) {
    throw new Error(
      `The cloud assembly in ${folder} has ${apis.length} HTTP APIs; it must have one.`,
    );
  }
  return {
    tables: templates.flatMap(readTables),
    api,
    schedules: templates.flatMap((template) => readSchedules(template, assets)),
  };
}

function readAssets(folder: string, artifacts: [string, Artifact][]): AssetFolders {
  const folders: AssetFolders = new Map();
  for (const [, { type, properties }] of artifacts) {
    if (type !== "cdk:asset-manifest" || !properties?.file) continue;
    const { files = {} } = readJson(join(folder, properties.file)) as AssetManifest;
    for (const { source, destinations } of Object.values(files)) {
      for (const { objectKey } of Object.values(destinations)) {
        if (source.path) folders.set(objectKey, resolve(folder, source.path));
      }
    }
  }
  return folders;
}

const SUPPORTED = [
  "AWS::DynamoDB::Table",
  "AWS::DynamoDB::GlobalTable",
  "AWS::Events::Rule",
  // Only functions behind a route or a schedule are read. The function of a custom resource never runs.
  "AWS::Lambda::Function",
  "AWS::Lambda::Alias",
  "AWS::Lambda::Version",
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Authorizer",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
];

/** Resources that no caller of a function would miss. */
const WITHOUT_LOCAL_EFFECT =
  /^(AWS::(ApplicationAutoScaling|Backup|Budgets|CDK|CloudFormation|CloudTrail|CloudWatch|CodeDeploy|IAM|KMS|Logs|S3|SNS|SSM|WAFv2|XRay)::|AWS::Lambda::(Permission|EventInvokeConfig)$|AWS::ApiGatewayV2::Deployment$|Custom::)/;

function refuseUnsupported(template: Template): void {
  for (const [logicalId, { Type }] of template.resources) {
    if (SUPPORTED.includes(Type) || WITHOUT_LOCAL_EFFECT.test(Type)) continue;
    throw new Error(
      `The local cloud cannot run ${logicalId} (${Type}) of stack ${template.stackName}. ` +
        `It runs ${SUPPORTED.join(", ")}.`,
    );
  }
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}
