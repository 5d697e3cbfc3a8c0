import { CfnResource } from "aws-cdk-lib";
import { CfnEventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";

/**
 * Finds the event source mappings of a function under which failed records are lost: without
 * `ReportBatchItemFailures` Lambda takes every response for success.
 *
 * Seen are the mappings of the same app, of the function, its versions and its aliases. A list of
 * response types that is a token counts as right, because its content is unknown.
 *
 * @returns a message for each mapping.
 */
export function findLossyMappings(fn: IConstruct & Pick<IFunction, "functionName">): string[] {
  const constructs = fn.node.root.node.findAll();
  const targets = constructs.filter((one) => one === fn || (one as AliasOrVersion).lambda === fn);
  const names = new Set(
    targets.flatMap((target) => {
      const { functionName, functionArn } = target as Partial<IFunction>;
      return [functionName, functionArn];
    }),
  );
  return constructs
    .filter(isMapping)
    .filter(({ functionName }) => names.has(functionName))
    .filter(({ functionResponseTypes: types = [] }) => {
      return Array.isArray(types) && !types.includes("ReportBatchItemFailures");
    })
    .map(
      ({ node }) =>
        `${node.path}: the event source mapping of ${fn.node.path} does not have ReportBatchItemFailures, so failed records would be lost. Set reportBatchItemFailures: true, or give failures: "throw" to the handler and to protectBatch().`,
    );
}

/** Not `instanceof`: an app may hold two copies of the CDK. */
function isMapping(one: IConstruct): one is CfnEventSourceMapping {
  return (
    CfnResource.isCfnResource(one) &&
    one.cfnResourceType === CfnEventSourceMapping.CFN_RESOURCE_TYPE_NAME
  );
}

type AliasOrVersion = IConstruct & { readonly lambda?: unknown };
