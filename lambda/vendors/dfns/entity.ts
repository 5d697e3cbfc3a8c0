import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import { type LedgerWrite, putNew } from "../../ledger/write.ts";

/** What a request to a wallet can create. */
export type EntityKind = "transfer" | "transaction";

/** What a request has created, as Dfns' clients see it. */
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

/* Items `<kind>-request/<id>` {holder, status, entity}; the entity is JSON text, whose status moves on beside it. */

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

/** Consistent, so that who has just been answered finds it. */
export function readEntity(tableName: string, kind: EntityKind, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: entityKey(kind, id) }, ConsistentRead: true };
}

/** The entity in an item, if it is the holder's. */
export function entityIn(
  item: Readonly<Record<string, unknown>> | undefined,
  holder: string,
): Entity | undefined {
  if (item?.holder !== holder) return undefined;
  return { ...JSON.parse(item.entity as string), status: item.status };
}

function entityKey(kind: EntityKind, id: string): string {
  return `${kind}-request/${id}`;
}
