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
 * Finds the account holder who sent a request.
 *
 * The authorizer lets every request through, with its finding in the context: an HTTP API cannot
 * shape the response of an authorizer that refuses, and clients are owed a problem+json that names
 * the fault of their token. The functions refuse: `readAccountHolder` throws unless the finding
 * names an account holder.
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
    const accountHolder = await findHolder(token);
    return accountHolder === undefined ? { refused: "unknown" } : { accountHolder };
  } catch (error) {
    console.error(error);
    return { refused: "unavailable" };
  }
}

async function findHolder(token: string): Promise<string | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tokensTable, Key: { tokenDigest: tokenDigest(token) } }),
  );
  return Item?.holder;
}
