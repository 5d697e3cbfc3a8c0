import { canonicalPath, fillPath, type PathForm, withoutStage } from "../path.ts";
import type { Input } from "./input.ts";
import type { EventParts } from "./parts.ts";
import { mergeValues, pairsFrom } from "./values.ts";

/**
 * Reads an event of payload format 1.0, from a REST API, or from an HTTP API with this format (which
 * resolves the escapes of the path). Behind a custom domain its path begins with the base path; its
 * resource does not.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function readRestApi(input: Input, method: string): EventParts {
  const { resource, version } = input;
  const sentForm: PathForm = version === "1.0" ? "plain" : "escaped";
  const sent = canonicalPath(sentPath(input), sentForm);
  const parameters = mergeValues(input.pathParameters, undefined);
  const isTemplate = resource?.startsWith("/") === true;
  const fill = (form: PathForm) => (isTemplate ? fillPath(resource, parameters, form) : undefined);
  // If a parser in front has resolved the escapes of the parameters, they differ from the path.
  const isParsed = !endsWith(sent, fill(sentForm)) && endsWith(sent, fill("plain"));
  const pathForm = isParsed ? "plain" : sentForm;
  const path = fill(pathForm) ?? sent;
  return {
    path,
    route: isTemplate || resource === "$default" ? routeFor(resource, method) : `${method} ${path}`,
    query: pairsFrom(
      mergeValues(input.queryStringParameters, input.multiValueQueryStringParameters),
    ),
    parameters,
    pathForm,
    queryForm: "plain",
    readsMultiValueHeadersOnly: false,
  };
}

function endsWith(path: string, filled: string | undefined): boolean {
  return filled !== undefined && path.endsWith(filled);
}

function routeFor(resource: string, method: string): string {
  return resource.startsWith("/") ? `${method} ${resource}` : resource;
}

/** The path begins with the stage if the custom domain's mapping has none, so that the client names it. */
function sentPath({ path, requestContext }: Input): string {
  const sent = path ?? "/";
  const { stage, path: contextPath } = requestContext ?? {};
  return contextPath === sent ? withoutStage(sent, stage) : sent;
}
