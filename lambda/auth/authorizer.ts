import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from "aws-lambda";
import { requiredVariable } from "../environment.ts";
import { dynamoDbClient } from "../ledger/dynamodb-client.ts";
import type { AuthorizerContext } from "./account-holder.ts";
import { bearerToken, tokenDigest } from "./bearer-token.ts";

const documents = DynamoDBDocumentClient.from(dynamoDbClient);
const tokensTable = requiredVariable("TOKENS_TABLE");

/**
 * Finds out whose request it is.
 *
 * Every request is let through, with the finding in its context: an HTTP API cannot shape the
 * answer of an authorizer that refuses, and clients are owed a problem+json that says what is
 * wrong with their token. The functions refuse, in `accountHolderOf`, which lets nobody pass
 * without an account holder.
 */
export async function handler(
  event: APIGatewayRequestAuthorizerEventV2,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>> {
  const context = await authenticate(event.headers?.authorization);
  return { isAuthorized: true, context };
}

async function authenticate(authorization: string | undefined): Promise<AuthorizerContext> {
  if (!authorization) return { refused: "missing" };
  const token = bearerToken(authorization);
  if (token === undefined) return { refused: "malformed" };
  try {
    const accountHolder = await holderOf(token);
    return accountHolder === undefined ? { refused: "unknown" } : { accountHolder };
  } catch (error) {
    console.error(error);
    return { refused: "unavailable" };
  }
}

async function holderOf(token: string): Promise<string | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tokensTable, Key: { tokenDigest: tokenDigest(token) } }),
  );
  return Item?.holder;
}
