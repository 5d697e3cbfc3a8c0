import { randomUUID } from "node:crypto";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import {
  dfns,
  type HttpResponse,
  type IdempotencyContext,
  idempotent,
  type WithIdempotency,
} from "../../../lib/index.ts";
import { type AuthorizedEvent, readAccountHolder } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { notFound } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { type Account, dynamoDbLedger } from "../../ledger/ledger.ts";
import { type Entity, type EntityKind, readEntity, toEntity } from "./entity.ts";
import { dfnsProblem, entityResponse } from "./wallet-answer.ts";
import { readRequestBody } from "./wallet-request.ts";

export const ledgerTable = requiredVariable("LEDGER_TABLE");

const documents = DynamoDBDocumentClient.from(dynamoDbClient);
const ledger = dynamoDbLedger({ client: dynamoDbClient, tableName: ledgerTable });

/** The part of a wallet's function that differs by kind of entity. */
export type CreateEntity = (
  event: AuthorizedEvent,
  wallet: Account,
  entity: Entity,
  idempotency: IdempotencyContext,
) => Promise<HttpResponse>;

/**
 * A function that creates an entity of a wallet under Dfns' contract: a key is unique within the
 * organisation and the kind of entity, and a repeat gets the entity as it is now. One transaction
 * commits entity, money and record.
 */
export function walletFunction(kind: EntityKind, create: CreateEntity) {
  const store = dynamoDbStore({
    client: dynamoDbClient,
    tableName: requiredVariable("IDEMPOTENCY_TABLE"),
  });

  async function run(
    event: AuthorizedEvent,
    { idempotency }: WithIdempotency<Context>,
  ): Promise<HttpResponse> {
    const holder = readAccountHolder(event);
    const wallet = await findWallet(event);
    const requestBody = readRequestBody(event);
    const { externalId } = requestBody;
    const entity: Entity = {
      id: idempotency.entityId ?? randomUUID(),
      walletId: wallet.id,
      network: "EthereumSepolia",
      requester: { userId: holder },
      requestBody,
      status: "Pending",
      dateRequested: new Date().toISOString(),
      ...(externalId && { externalId }),
    };
    return create(event, wallet, entity, idempotency);
  }

  return middy(
    idempotent(run, {
      store,
      tenant: readAccountHolder,
      profile: dfns(kind),
      claimAt: "commit",
      loadEntity: (id, event) => loadEntity(kind, id, event),
    }),
  ).use(problemErrors<AuthorizedEvent>(dfnsProblem));
}

/** A function that shows an entity as it is now. */
export function entityFunction(kind: EntityKind, parameter: string) {
  return middy<AuthorizedEvent>()
    .use(problemErrors(dfnsProblem))
    .handler(async (event: AuthorizedEvent) => {
      const id = event.pathParameters?.[parameter] ?? "";
      const response = await loadEntity(kind, id, event);
      if (response === undefined) throw notFound(kind, id);
      return response;
    });
}

async function loadEntity(
  kind: EntityKind,
  id: string,
  event: AuthorizedEvent,
): Promise<HttpResponse | undefined> {
  const { Item: item } = await documents.send(new GetCommand(readEntity(ledgerTable, kind, id)));
  const entity = toEntity(item, readAccountHolder(event));
  return entity && entityResponse(entity);
}

async function findWallet(event: AuthorizedEvent): Promise<Account> {
  // A deployment may rename the parameter; its place in the path stays.
  const { id = "", walletId = id } = event.pathParameters ?? {};
  const wallet = await ledger.findAccount(walletId, readAccountHolder(event));
  if (wallet === undefined) throw notFound("account", walletId);
  return wallet;
}
