import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { itemBytes, kilobytesBegun } from "../../lib/dynamodb/item-size.ts";
import type { Tap, TapRequest } from "../../local/tap.ts";

/** The round trips to DynamoDB, and the units that DynamoDB would charge for them. */
export interface WireCost {
  readonly roundTrips: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** Counts requests on an HTTP tap, and computes units from the sizes of their items. */
export interface WireMeter {
  /** Returns the cost since the last call. */
  take(): WireCost;
}

type Key = { readonly table: string; readonly id: string };

const READ_BLOCK_BYTES = 4 * 1024;

/**
 * @param direct a client past the tap, which looks at the items before and after each request.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function meterWire(tap: Tap, direct: DynamoDBClient): WireMeter {
  let cost: WireCost = { roundTrips: 0, writeUnits: 0, readUnits: 0 };
  const before = new Map<number, number[]>();

  const readSizes = (keys: readonly Key[]) =>
    Promise.all(
      keys.map(async ({ table, id }) => {
        const input = { TableName: table, Key: { id: { S: id } }, ConsistentRead: true };
        const { Item } = await direct.send(new GetItemCommand(input));
        return Item ? itemBytes(Item) : 0;
      }),
    );

  tap.onRequest(async (request) => {
    before.set(request.sequence, await readSizes(listKeys(request)));
    return undefined;
  });
  tap.onAnswer(async (request) => {
    const old = before.get(request.sequence) ?? [];
    const now = await readSizes(listKeys(request));
    // A write is charged by the larger of the two sizes, and a refused write by the existing item.
    const bytes = now.map((size, index) => Math.max(size, old[index] ?? 0));
    cost = addCosts(cost, computeCost(request, bytes));
    return undefined;
  });

  return {
    take() {
      const taken = cost;
      cost = { roundTrips: 0, writeUnits: 0, readUnits: 0 };
      return taken;
    },
  };
}

function computeCost({ operation, body }: TapRequest, bytes: readonly number[]): WireCost {
  const kilobytes = bytes.reduce((total, one) => total + kilobytesBegun(one), 0);
  switch (operation) {
    case "UpdateItem":
    case "PutItem":
    case "DeleteItem":
      return { roundTrips: 1, writeUnits: kilobytes, readUnits: 0 };
    // Charged twice for each item, also when it is cancelled.
    case "TransactWriteItems":
      return { roundTrips: 1, writeUnits: 2 * kilobytes, readUnits: 0 };
    case "GetItem": {
      const [size = 0] = bytes;
      const blocks = Math.max(1, Math.ceil(size / READ_BLOCK_BYTES));
      const readUnits = body.ConsistentRead === true ? blocks : blocks / 2;
      return { roundTrips: 1, writeUnits: 0, readUnits };
    }
    default:
      throw new Error(`${operation} is not expected on the wire; no library sends it.`);
  }
}

/** The keys of the items that a request reads or writes. Every table here has the key `id`. */
function listKeys({ operation, body }: TapRequest): Key[] {
  const parts =
    operation === "TransactWriteItems"
      ? (body.TransactItems as Record<string, Part>[]).flatMap((item) => Object.values(item))
      : [body as unknown as Part];
  return parts.map(({ TableName, Key, Item }) => ({
    table: TableName,
    id: (Key ?? Item)?.id?.S ?? "",
  }));
}

interface Part {
  readonly TableName: string;
  readonly Key?: { readonly id?: { readonly S: string } };
  readonly Item?: { readonly id?: { readonly S: string } };
}

function addCosts(one: WireCost, other: WireCost): WireCost {
  return {
    roundTrips: one.roundTrips + other.roundTrips,
    writeUnits: one.writeUnits + other.writeUnits,
    readUnits: one.readUnits + other.readUnits,
  };
}
