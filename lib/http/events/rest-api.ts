import { canonicalPath, fillPath, type PathForm, withoutStage } from "../path.ts";
import type { Input } from "./input.ts";
import type { EventParts } from "./parts.ts";
import { mergeValues, pairsFrom } from "./values.ts";

/**
 * Reads an event of payload format 1.0: a REST API's, or an HTTP API's that is set to it (which
 * resolves the escapes of the path). Behind a custom domain its path begins with the base path,
 * its resource does not.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function readRestApi(input: Input, method: string): EventParts {
  const { resource, version } = input;
  const pathForm: PathForm = version === "1.0" ? "plain" : "escaped";
  const parameters = mergeValues(input.pathParameters, undefined);
  const isTemplate = resource?.startsWith("/") === true;
  const path =
    (isTemplate ? fillPath(resource, parameters, pathForm) : undefined) ??
    canonicalPath(sentPath(input), pathForm);
  return {
    path,
    route: isTemplate || resource === "$default" ? routeFor(resource, method) : `${method} ${path}`,
    query: pairsFrom(
      mergeValues(input.queryStringParameters, input.multiValueQueryStringParameters),
    ),
    parameters,
    pathForm,
    queryForm: "plain",
    answersInMultiValueHeaders: false,
  };
}

function routeFor(resource: string, method: string): string {
  return resource.startsWith("/") ? `${method} ${resource}` : resource;
}

/** The path begins with the stage where a custom domain leaves it to the client to name one. */
function sentPath({ path, requestContext }: Input): string {
  const sent = path ?? "/";
  const { stage, path: contextPath } = requestContext ?? {};
  return contextPath === sent ? withoutStage(sent, stage) : sent;
}
