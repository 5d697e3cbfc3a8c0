import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Call } from "../ledger/intercept.ts";
import type { CloudFormationTemplate } from "./synthesis.ts";

/** An action on a resource: `dynamodb:UpdateItem` on the ARN of a table. */
export interface Right {
  readonly action: string;
  readonly resource: string;
}

/** Everything that a role is granted, one right for each action and resource. */
export function grantedTo(template: CloudFormationTemplate, roleId: string): Right[] {
  return statementsOf(template, roleId).flatMap(({ Action, Resource }) =>
    [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  );
}

/** The rights that a call needs; a transaction needs the rights of its parts. */
export function neededFor({ operation, input }: Call): Right[] {
  if (operation === "SendMessage") {
    const [queueName = ""] = input.QueueUrl.split("/").slice(-1);
    return [{ action: "sqs:SendMessage", resource: queueArnOf(queueName) }];
  }
  if (operation !== "TransactWriteItems") {
    return [{ action: `dynamodb:${operation}`, resource: arnOf(input.TableName) }];
  }
  return input.TransactItems.flatMap((item: Record<string, { TableName: string }>) =>
    Object.entries(item).map(([kind, { TableName }]) => ({
      action: kind === "ConditionCheck" ? "dynamodb:ConditionCheckItem" : `dynamodb:${kind}Item`,
      resource: arnOf(TableName),
    })),
  );
}

/** IAM's verdict on a request that a role makes: `Allowed`, or how it is denied. */
export async function evaluate(
  template: CloudFormationTemplate,
  roleId: string,
  { action, resource }: Right,
): Promise<string> {
  const policy = { Version: "2012-10-17", Statement: statementsOf(template, roleId) };
  const everything = { Effect: "Allow", Action: "*", Resource: "*" };
  const simulated = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: {},
      },
      identityPolicies: [{ name: roleId, policy }],
      serviceControlPolicies: [
        {
          orgIdentifier: "organisation",
          policies: [
            { name: "everything", policy: { Version: "2012-10-17", Statement: [everything] } },
          ],
        },
      ],
      resourceControlPolicies: [],
    },
    {},
  );
  return simulated.resultType === "error" ? simulated.errors.message : simulated.overallResult;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
}

const ACCOUNT = "123456789012";

/** In the tests, a table is named as its resource in the template. */
function arnOf(tableName: string): string {
  return `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${tableName}`;
}

/** A queue is named as its resource in the template, too. */
export function queueArnOf(queueName: string): string {
  return `arn:aws:sqs:eu-west-1:${ACCOUNT}:${queueName}`;
}

/** The statements of a role's policies, with ARNs in place of references. */
function statementsOf({ Resources }: CloudFormationTemplate, roleId: string): Statement[] {
  const policies = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === "AWS::IAM::Policy" &&
      Properties.Roles.some((role: { Ref?: string }) => role.Ref === roleId),
  );
  const documents = JSON.stringify(policies.map((policy) => policy.Properties.PolicyDocument));
  return JSON.parse(documents, (_, value) => {
    const [id, attribute] = value?.["Fn::GetAtt"] ?? [];
    if (attribute !== "Arn") return value;
    switch (Resources[id]?.Type) {
      case "AWS::Logs::LogGroup":
        return `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:${id}:*`;
      case "AWS::SQS::Queue":
        return queueArnOf(id);
      default:
        return arnOf(id);
    }
  }).flatMap((document: { Statement: Statement[] }) => document.Statement);
}
