import { existsSync } from "node:fs";
import type { FunctionDefinition } from "../functions/definition.ts";
import type { Resource, Template } from "./template.ts";

type FunctionProperties = {
  Code?: { S3Key?: string };
  Handler?: string;
  Runtime?: string;
  Timeout?: number;
  MemorySize?: number;
  Environment?: { Variables?: Record<string, unknown> };
};

/** The folder of each asset, by the object key under which CDK would upload the asset. */
export type AssetFolders = Map<string, string>;

/**
 * Finds the function that an ARN, or a URI that contains an ARN, points to. A version or an alias
 * stands for the function itself here.
 *
 * @throws if the target is not a function of this stack or cannot run here.
 */
export function readFunction(
  template: Template,
  assets: AssetFolders,
  uri: unknown,
): FunctionDefinition {
  const name = /:function:([^:/]+)/.exec(String(uri))?.[1];
  const functions = template.ofType("AWS::Lambda::Function");
  const found = functions.find(([logicalId]) => template.resolve({ Ref: logicalId }) === name);
  if (found && name) return define(template, assets, name, found);
  throw new Error(
    `Stack ${template.stackName} uses ${uri}, which is none of its Lambda functions.`,
  );
}

function define(
  template: Template,
  assets: AssetFolders,
  name: string,
  [logicalId, resource]: [string, Resource],
): FunctionDefinition {
  const properties = template.resolve(resource.Properties) as FunctionProperties;
  if (!properties.Runtime?.startsWith("nodejs")) {
    throw new Error(
      `Function ${logicalId} has the runtime ${properties.Runtime}; the local cloud runs nodejs only.`,
    );
  }
  const codeFolder = assets.get(properties.Code?.S3Key ?? "");
  if (!codeFolder || !existsSync(codeFolder)) {
    throw new Error(
      `Function ${logicalId} has no code folder in the cloud assembly (${JSON.stringify(properties.Code)}); ` +
        "give its code as an asset.",
    );
  }
  const variables = Object.entries(properties.Environment?.Variables ?? {});
  return {
    logicalId,
    name,
    arn: String(template.resolve({ "Fn::GetAtt": [logicalId, "Arn"] })),
    handler: properties.Handler ?? "index.handler",
    codeFolder,
    environment: Object.fromEntries(variables.map(([key, value]) => [key, String(value)])),
    // CloudFormation's own defaults.
    timeoutMs: (properties.Timeout ?? 3) * 1000,
    memoryMb: properties.MemorySize ?? 128,
  };
}
