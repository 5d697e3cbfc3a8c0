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
import { type AuthorizedEvent, accountHolderOf } from "../../auth/account-holder.ts";
import { requiredVariable } from "../../environment.ts";
import { notFound } from "../../http/problem.ts";
import { problemErrors } from "../../http/problem-errors.ts";
import { dynamoDbClient } from "../../ledger/dynamodb-client.ts";
import { type Account, dynamoDbLedger } from "../../ledger/ledger.ts";
import { type Entity, type EntityKind, entityIn, readEntity } from "./entity.ts";
import { dfnsProblem, entityAnswer } from "./wallet-answer.ts";
import { requestBodyOf } from "./wallet-request.ts";

export const ledgerTable = requiredVariable("LEDGER_TABLE");

const documents = DynamoDBDocumentClient.from(dynamoDbClient);
const ledger = dynamoDbLedger({ client: dynamoDbClient, tableName: ledgerTable });

/** The part of a wallet's function that is different for each kind of entity. */
export type CreateEntity = (
  event: AuthorizedEvent,
  wallet: Account,
  entity: Entity,
  idempotency: IdempotencyContext,
) => Promise<HttpResponse>;

/**
 * A function that creates an entity of a wallet, as Dfns promises it: keys are the organisation's,
 * for each kind, and a repeat gets the entity as it is now. Entity, money and record are committed
 * in one transaction.
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
    const holder = accountHolderOf(event);
    const wallet = await walletOf(event);
    const requestBody = requestBodyOf(event);
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
      tenant: accountHolderOf,
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
      const answer = await loadEntity(kind, id, event);
      if (answer === undefined) throw notFound(kind, id);
      return answer;
    });
}

async function loadEntity(
  kind: EntityKind,
  id: string,
  event: AuthorizedEvent,
): Promise<HttpResponse | undefined> {
  const { Item: item } = await documents.send(new GetCommand(readEntity(ledgerTable, kind, id)));
  const entity = entityIn(item, accountHolderOf(event));
  return entity && entityAnswer(entity);
}

async function walletOf(event: AuthorizedEvent): Promise<Account> {
  // The parameter's name may change from one deployment to the next; its place in the path does not.
  const { id = "", walletId = id } = event.pathParameters ?? {};
  const wallet = await ledger.findAccount(walletId, accountHolderOf(event));
  if (wallet === undefined) throw notFound("account", walletId);
  return wallet;
}
