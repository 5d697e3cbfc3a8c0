import { ACCOUNT_ID, pseudoParameters, REGION } from "./pseudo-parameters.ts";

/** A resource of a template; its properties still contain intrinsic functions. */
export type Resource = { Type: string; Properties?: Record<string, unknown> };

type TemplateText = {
  Resources?: Record<string, Resource>;
  Parameters?: Record<string, { Default?: unknown }>;
};

/** A stack's template, whose intrinsic functions resolve to local values. */
export type Template = {
  stackName: string;
  resources: [logicalId: string, resource: Resource][];
  /** The resources of these types. */
  ofType(...types: string[]): [logicalId: string, resource: Resource][];
  /** Replaces the intrinsic functions in a value, at any depth. */
  resolve(value: unknown): unknown;
};

/** Values of this machine that the template may refer to. */
export type LocalValues = {
  /** The URL at which the HTTP API answers. */
  apiUrl: string;
  /** The URL of a queue without the name at its end. */
  queuesUrl: string;
};

/**
 * Reads a template.
 *
 * Supported: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select, Fn::Split and the pseudo parameters.
 * Resolving anything else throws, naming the function.
 */
export function readTemplate(stackName: string, text: TemplateText, local: LocalValues): Template {
  const resources = Object.entries(text.Resources ?? {});
  const pseudo = pseudoParameters(stackName);

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (typeof value !== "object" || value === null) return value;
    const [[name, argument] = ["", undefined], ...others] = Object.entries(value);
    if (others.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) {
      return call(name, argument);
    }
    const resolved = Object.entries(value).map(([key, item]) => [key, resolve(item)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
  }

  function call(name: string, argument: unknown): unknown {
    if (name === "Ref") return ref(String(argument));
    if (name === "Fn::GetAtt") return attribute(argument);
    if (name === "Fn::Sub") return substitute(argument);
    const [first, second] = (Array.isArray(argument) ? argument : []).map(resolve);
    if (name === "Fn::Join" && Array.isArray(second)) return second.join(String(first));
    if (name === "Fn::Split") return String(second).split(String(first));
    if (name === "Fn::Select" && Array.isArray(second)) return second[Number(first)];
    throw new Error(
      `The local cloud does not support ${name} as used in stack ${stackName}: ${JSON.stringify(argument)}. ` +
        "It supports Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select and Fn::Split.",
    );
  }

  function ref(name: string): unknown {
    if (name === "AWS::NoValue") return undefined;
    const resource = text.Resources?.[name];
    const value =
      pseudo[name] ?? text.Parameters?.[name]?.Default ?? (resource && reference(name, resource));
    if (value !== undefined) return value;
    throw new Error(
      `Stack ${stackName} refers to ${name}, which is neither a resource of it nor a parameter with a default value.`,
    );
  }

  function reference(logicalId: string, resource: Resource): string {
    const name = resolveName(logicalId, resource);
    return resource.Type === "AWS::SQS::Queue" ? `${local.queuesUrl}${name}` : name;
  }

  function attribute(argument: unknown): string {
    const [logicalId = "", name = ""] = Array.isArray(argument)
      ? argument.map(String)
      : String(argument).split(/\.(.*)/s);
    const resource = text.Resources?.[logicalId];
    if (!resource)
      throw new Error(
        `Stack ${stackName} refers to ${logicalId}, which is not a resource of the stack.`,
      );
    if (name === "ApiEndpoint") return local.apiUrl;
    if (name === "Arn") return toArn(resource.Type, resolveName(logicalId, resource));
    if (name === "QueueName") return resolveName(logicalId, resource);
    if (name === "QueueUrl") return reference(logicalId, resource);
    return `${logicalId}.${name}`;
  }

  function substitute(argument: unknown): string {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return String(pattern).replace(/\$\{(!?)([^}]+)\}/g, (_match, literal, name) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(resolve(variables[name]));
      return String(name.includes(".") && !name.includes("::") ? attribute(name) : ref(name));
    });
  }

  function resolveName(logicalId: string, resource: Resource): string {
    if (resource.Type === "AWS::ApiGatewayV2::Api") return logicalId.toLowerCase();
    if (resource.Type === "AWS::Lambda::Alias" || resource.Type === "AWS::Lambda::Version") {
      const functionName = String(resolve(resource.Properties?.FunctionName));
      return `${toArn("AWS::Lambda::Function", functionName)}:${logicalId}`;
    }
    const property = NAME_PROPERTIES[resource.Type];
    const name = property && resolve(resource.Properties?.[property]);
    if (typeof name === "string") return name;
    const isFifo = resource.Type === "AWS::SQS::Queue" && resource.Properties?.FifoQueue === true;
    return `${stackName}-${logicalId}${isFifo ? ".fifo" : ""}`;
  }

  return {
    stackName,
    resources,
    ofType: (...types) => resources.filter(([, resource]) => types.includes(resource.Type)),
    resolve,
  };
}

/** The property in which a template may name a resource, by resource type. */
const NAME_PROPERTIES: Record<string, string> = {
  "AWS::DynamoDB::Table": "TableName",
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::SQS::Queue": "QueueName",
};

const ARN_TYPES: Record<string, string> = {
  "AWS::DynamoDB::Table": "dynamodb:*:table/",
  "AWS::DynamoDB::GlobalTable": "dynamodb:*:table/",
  "AWS::Lambda::Function": "lambda:*:function:",
};

function toArn(type: string, name: string): string {
  const pattern = ARN_TYPES[type] ?? `${type.split("::")[1]?.toLowerCase()}:*:`;
  return `arn:aws:${pattern.replace("*", `${REGION}:${ACCOUNT_ID}`)}${name}`;
}
