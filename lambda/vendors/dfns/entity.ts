import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import { type LedgerWrite, putNew } from "../../ledger/write.ts";

/** The kinds of entity that a request to a wallet can create. */
export type EntityKind = "transfer" | "transaction";

/** An entity that a request has created, as Dfns' clients see it. */
export interface Entity {
  readonly id: string;
  readonly walletId: string;
  readonly network: string;
  readonly requester: { readonly userId: string };
  /** The body of the request. */
  readonly requestBody: object;
  readonly status: "Pending" | "Executing" | "Broadcasted" | "Confirmed" | "Failed" | "Rejected";
  /** ISO 8601, UTC. */
  readonly dateRequested: string;
  readonly externalId?: string;
}

/*
 * Items `<kind>-request/<id>` {holder, status, entity}. The attribute `entity` is JSON text; the
 * attribute `status` holds the current status, which changes while the text stays.
 */

export function putEntity(tableName: string, kind: EntityKind, entity: Entity): LedgerWrite {
  const { id, status, requester } = entity;
  const holder = requester.userId;
  return putNew(tableName, {
    id: entityKey(kind, id),
    holder,
    status,
    entity: JSON.stringify(entity),
  });
}

/** A consistent read: a client that has just received the response finds the entity. */
export function readEntity(tableName: string, kind: EntityKind, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: entityKey(kind, id) }, ConsistentRead: true };
}

/** The entity in an item, if it belongs to the holder. */
export function toEntity(
  item: Readonly<Record<string, unknown>> | undefined,
  holder: string,
): Entity | undefined {
  if (item?.holder !== holder) return undefined;
  return { ...JSON.parse(item.entity as string), status: item.status };
}

function entityKey(kind: EntityKind, id: string): string {
  return `${kind}-request/${id}`;
}
