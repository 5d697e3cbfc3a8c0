import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithIAMAuthorizer,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyWithCognitoAuthorizerEvent,
  APIGatewayProxyWithLambdaAuthorizerEvent,
} from "aws-lambda";
import { defineProfile, idempotent, memoryStore } from "lambda-idempotency";
import { createTransfer } from "./create-transfer.ts";

/** JWT authorizer of an HTTP API. `sub` is unique to its issuer, and one route has one issuer. */
export const jwtSubject = (event: APIGatewayProxyEventV2WithJWTAuthorizer) =>
  event.requestContext.authorizer.jwt.claims.sub;

/** Cognito authorizer of a REST API: the user. In a machine's access token, `sub` is its client. */
export const cognitoUser = (event: APIGatewayProxyWithCognitoAuthorizerEvent) =>
  event.requestContext.authorizer.claims.sub;

/**
 * IAM: the role, because each retry may come from another session. Users behind a Cognito identity
 * pool share one role, so their tenant is the identity.
 */
export const iamRole = (event: APIGatewayProxyEventV2WithIAMAuthorizer) =>
  readIdentity(event) ?? withoutSession(event.requestContext.authorizer.iam.userArn);

/** `arn:aws:sts::123456789012:assumed-role/payer/session-7` without its session. */
export function withoutSession(arn: string): string {
  const [kind = "", role = ""] = arn.split("/");
  return kind.endsWith(":assumed-role") ? `${kind}/${role}` : arn;
}

function readIdentity(event: APIGatewayProxyEventV2WithIAMAuthorizer): string | undefined {
  const { cognitoIdentity } = event.requestContext.authorizer.iam as {
    cognitoIdentity?: { identityId?: string } | null;
  };
  return cognitoIdentity?.identityId;
}

/** API key of a REST API: its id. The API key itself is a secret, and is replaced when it leaks. */
export const apiKeyId = (event: APIGatewayProxyEvent) => event.requestContext.identity.apiKeyId;

/** Mutual TLS: the subject. The serial number changes with each renewal. */
export const certificateSubject = (event: APIGatewayProxyEventV2) =>
  event.requestContext.authentication?.clientCert.subjectDN;

/** Lambda authorizer of a REST API, or of format 1.0: its `principalId`, or a member of its context. */
export const principalId = (event: APIGatewayProxyWithLambdaAuthorizerEvent<object>) =>
  event.requestContext.authorizer.principalId;

/** Lambda authorizer of an HTTP API, format 2.0, simple response or not: a member of its context. */
export const accountInContext = (
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<{ accountId?: string } | null>,
) => event.requestContext.authorizer.lambda?.accountId;

/** A session that only a database knows: the tenant may be a promise. */
export const accountOfSession = async (event: APIGatewayProxyEventV2) =>
  (await findSession(event.cookies))?.accountId;

async function findSession(
  cookies: readonly string[] = [],
): Promise<{ accountId: string } | undefined> {
  return cookies.includes("session=s-1") ? { accountId: "holder-1" } : undefined;
}

/** Webhooks of one sender: the sender's id of the event is the key, and the sender is the tenant. */
export const webhook = idempotent(createTransfer, {
  store: memoryStore(),
  tenant: () => "payment-provider",
  operation: "payment-provider webhook",
  profile: defineProfile({ name: "webhook", keyFrom: [{ pointer: "/id" }] }),
});
