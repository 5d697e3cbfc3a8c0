import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AssetFolders } from "./assembly/functions.ts";
import { type HttpApi, readHttpApi } from "./assembly/http-api.ts";
import { readQueueMappings } from "./assembly/queue-mappings.ts";
import { checkQueues, type QueueDefinition, readQueues } from "./assembly/queues.ts";
import { readSchedules, type Schedule } from "./assembly/schedules.ts";
import { readTables, type TableDefinition } from "./assembly/tables.ts";
import { type LocalValues, readTemplate, type Template } from "./assembly/template.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import type { MappingDefinition } from "./queue/mapping/event-source-mapping.ts";

/** The parts of a cloud assembly (`cdk.out`) that run on this machine. */
export type Assembly = {
  tables: TableDefinition[];
  /** The API with its routes, which hold the functions; without routes if the stack has no API. */
  api: HttpApi;
  schedules: Schedule[];
  queues: QueueDefinition[];
  /** The queues' consumers, which hold the functions. */
  queueMappings: MappingDefinition[];
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
  const queues = templates.flatMap(readQueues);
  checkQueues(queues);
  const queueMappings = templates.flatMap((template) =>
    readQueueMappings(template, assets, queues),
  );
  if (apis.length > 1 || apis.length + queueMappings.length === 0) {
    throw new Error(
      `The cloud assembly in ${folder} has ${apis.length} HTTP APIs; it must have one, ` +
        "or none and an event source mapping of a queue.",
    );
  }
  return {
    tables: templates.flatMap(readTables),
    api: apis[0] ?? NO_API,
    schedules: templates.flatMap((template) => readSchedules(template, assets)),
    queues,
    queueMappings,
  };
}

const NO_API: HttpApi = { logicalId: "", id: "", stage: "$default", routes: [] };

/** The functions of an assembly; a function that is used twice is there twice. */
export function listFunctions({ api, schedules, queueMappings }: Assembly): FunctionDefinition[] {
  const authorizers = api.routes.flatMap(({ authorizer }) => authorizer ?? []);
  return [...api.routes, ...authorizers, ...schedules, ...queueMappings].map(
    (part) => part.function,
  );
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
  // Only functions behind a route, a schedule or a queue are read. The function of a custom resource never runs.
  "AWS::Lambda::Function",
  "AWS::Lambda::Alias",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Version",
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Authorizer",
  "AWS::ApiGatewayV2::Integration",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Stage",
  "AWS::SQS::Queue",
];

/** Resources that no caller of a function would miss. */
const WITHOUT_LOCAL_EFFECT =
  /^(AWS::(ApplicationAutoScaling|Backup|Budgets|CDK|CloudFormation|CloudTrail|CloudWatch|CodeDeploy|IAM|KMS|Logs|S3|SNS|SSM|WAFv2|XRay)::|AWS::Lambda::(Permission|EventInvokeConfig)$|AWS::ApiGatewayV2::Deployment$|AWS::SQS::QueuePolicy$|Custom::)/;

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
