import type { FunctionDefinition } from "../functions/definition.ts";
import { type AssetFolders, readFunction } from "./functions.ts";
import type { Template } from "./template.ts";

/** A function that EventBridge invokes on a schedule. */
export type Schedule = {
  logicalId: string;
  function: FunctionDefinition;
};

type RuleProperties = { ScheduleExpression?: string; Targets?: { Arn?: unknown }[] };

/**
 * The schedules of a stack.
 *
 * @throws for a rule that waits for events, or whose target is not exactly one function.
 */
export function readSchedules(template: Template, assets: AssetFolders): Schedule[] {
  return template.ofType("AWS::Events::Rule").map(([logicalId, { Properties }]) => {
    const { ScheduleExpression, Targets = [] } = template.resolve(Properties) as RuleProperties;
    const [target, ...others] = Targets;
    if (ScheduleExpression === undefined || target === undefined || others.length > 0) {
      throw new Error(
        `The local cloud cannot run ${logicalId} (AWS::Events::Rule) of stack ${template.stackName}. ` +
          "It runs schedules with one Lambda function as target.",
      );
    }
    return {
      logicalId,
      function: readFunction(template, assets, target.Arn),
    };
  });
}
