import type { FunctionDefinition } from "../functions/definition.ts";
import { demand } from "./demand.ts";
import { type AssetFolders, readFunction } from "./functions.ts";
import type { Template } from "./template.ts";

/** The HTTP API of the stack. */
export type HttpApi = {
  logicalId: string;
  id: string;
  /** `$default`, or the name at the start of every path. */
  stage: string;
  routes: Route[];
};

export type Route = {
  /** `METHOD /path/{parameter}`, or `$default`. */
  routeKey: string;
  function: FunctionDefinition;
  /** How long the API waits for the function. */
  integrationTimeoutMs: number;
  authorizer?: Authorizer;
};

/** A Lambda authorizer with payload format 2.0 and simple responses. */
export type Authorizer = {
  function: FunctionDefinition;
  /** `$request.header.Name` and `$request.querystring.name`: a request without them is refused. */
  identitySources: string[];
};

type Properties = Record<string, unknown>;

/**
 * The HTTP API of a stack, if it has one.
 *
 * @throws for a feature that this cloud cannot serve as AWS would.
 */
export function readHttpApi(template: Template, assets: AssetFolders): HttpApi | undefined {
  const [api, ...others] = template.ofType("AWS::ApiGatewayV2::Api");
  if (!api) return undefined;
  const [logicalId, resource] = api;
  demand(others.length === 0, `Stack ${template.stackName} has more than one API`);
  const properties = template.resolve(resource.Properties) as Properties;
  demand(properties.ProtocolType === "HTTP", `${logicalId} is a ${properties.ProtocolType} API`);
  demand(!properties.CorsConfiguration, `${logicalId} has a CORS configuration`);
  demand(!properties.Body, `${logicalId} is defined by an OpenAPI body`);

  const routes = template.ofType("AWS::ApiGatewayV2::Route");
  return {
    logicalId,
    id: String(template.resolve({ Ref: logicalId })),
    stage: readStage(template),
    routes: routes.map(([routeId, { Properties }]) =>
      readRoute(template, assets, routeId, template.resolve(Properties) as Properties),
    ),
  };
}

function readStage(template: Template): string {
  const [stage] = template.ofType("AWS::ApiGatewayV2::Stage");
  const properties = template.resolve(stage?.[1].Properties) as Properties | undefined;
  return String(properties?.StageName ?? "$default");
}

function readRoute(
  template: Template,
  assets: AssetFolders,
  routeId: string,
  properties: Properties,
): Route {
  const target = String(properties.Target).replace("integrations/", "");
  const integration = findReferenced(template, "AWS::ApiGatewayV2::Integration", target);
  demand(
    integration?.IntegrationType === "AWS_PROXY",
    `Route ${routeId} has no Lambda integration`,
  );
  demand(
    integration?.PayloadFormatVersion === "2.0",
    `Route ${routeId} does not use payload format 2.0`,
  );
  return {
    routeKey: String(properties.RouteKey),
    function: readFunction(template, assets, integration?.IntegrationUri),
    integrationTimeoutMs: Number(integration?.TimeoutInMillis ?? 30_000),
    ...readAuthorizer(template, assets, routeId, properties),
  };
}

function readAuthorizer(
  template: Template,
  assets: AssetFolders,
  routeId: string,
  route: Properties,
): { authorizer?: Authorizer } {
  const type = route.AuthorizationType ?? "NONE";
  if (type === "NONE") return {};
  demand(type === "CUSTOM", `Route ${routeId} has the authorization type ${type}`);
  const name = String(route.AuthorizerId);
  const authorizer = findReferenced(template, "AWS::ApiGatewayV2::Authorizer", name);
  demand(
    authorizer?.AuthorizerType === "REQUEST" &&
      authorizer.AuthorizerPayloadFormatVersion === "2.0" &&
      authorizer.EnableSimpleResponses === true,
    `The authorizer of route ${routeId} is not one with payload format 2.0 and simple responses`,
  );
  const identitySources = (authorizer?.IdentitySource ?? []) as string[];
  for (const source of identitySources) {
    demand(
      /^\$request\.(header|querystring)\./.test(source),
      `The authorizer of route ${routeId} has the identity source ${source}`,
    );
  }
  return {
    authorizer: {
      function: readFunction(template, assets, authorizer?.AuthorizerUri),
      identitySources,
    },
  };
}

function findReferenced(template: Template, type: string, name: string): Properties | undefined {
  const found = template
    .ofType(type)
    .find(([logicalId]) => template.resolve({ Ref: logicalId }) === name);
  return template.resolve(found?.[1].Properties) as Properties | undefined;
}
