import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventBase,
  APIGatewayProxyWithCognitoAuthorizerEvent,
} from "aws-lambda";
import { type HttpRequestParts, last, lists, resolveRequest, unlessEmpty } from "./http-request.ts";
import { ACCOUNT, GATEWAY_TIME, REGION, SOURCE_IP, TIME_MS } from "./places.ts";

const STAGE = "prod";

/**
 * The event of a REST API, payload format 1.0, at the stage `prod`.
 *
 * @param request with `claims`, the claims of a Cognito authorizer; or with `authorizer`, the context of another.
 * @throws TypeError if the path is none of the route's.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @example
 * const event = restApiEvent({
 *   route: "/wallets/{id}/transfers",
 *   path: "/wallets/w-1/transfers",
 *   key: "k-1",
 *   body: { amountMinor: 2500 },
 *   claims: { sub: "alice" },
 * });
 */
export function restApiEvent(
  request: HttpRequestParts & { readonly claims: Readonly<Record<string, string>> },
): APIGatewayProxyWithCognitoAuthorizerEvent;
export function restApiEvent<Authorizer extends object>(
  request: HttpRequestParts & { readonly authorizer: Authorizer },
): APIGatewayProxyEventBase<Authorizer>;
export function restApiEvent(request?: HttpRequestParts): APIGatewayProxyEvent;
export function restApiEvent(
  parts: HttpRequestParts & { readonly claims?: object; readonly authorizer?: object } = {},
): APIGatewayProxyEvent {
  const { claims, authorizer = claims && { claims } } = parts;
  const request = resolveRequest(parts);
  const { method, path, route, parameters, pairs, headers, body, isBase64Encoded } = request;
  return {
    resource: route,
    path,
    httpMethod: method,
    headers: last(headers),
    multiValueHeaders: lists(headers),
    queryStringParameters: unlessEmpty(last(pairs), null),
    multiValueQueryStringParameters: unlessEmpty(lists(pairs), null),
    pathParameters: unlessEmpty(parameters, null),
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: "api",
      authorizer,
      domainName: `api.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: "api",
      extendedRequestId: "test-request",
      httpMethod: method,
      identity: IDENTITY,
      path: `/${STAGE}${path}`,
      protocol: "HTTP/1.1",
      requestId: "test-request",
      requestTime: GATEWAY_TIME,
      requestTimeEpoch: TIME_MS,
      resourceId: "resource",
      resourcePath: route,
      stage: STAGE,
    },
    body: body ?? null,
    isBase64Encoded,
  };
}

const IDENTITY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: SOURCE_IP,
  user: null,
  userAgent: "test",
  userArn: null,
};
