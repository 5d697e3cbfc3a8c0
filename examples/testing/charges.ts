import {
  type IdempotencyOptions,
  idempotent,
  ietf,
  type WithIdempotency,
} from "lambda-idempotency";

/** A bank that charges once for each idempotency key. */
export interface Bank {
  charge(order: {
    readonly idempotencyKey: string;
    readonly amountMinor: number;
  }): Promise<{ readonly id: string }>;
}

type Parts = Pick<IdempotencyOptions, "store" | "clock"> & { readonly bank: Bank };

/** The handler of `POST /charges`: its effect is outside DynamoDB. */
export function chargeHandler({ bank, ...parts }: Parts) {
  return idempotent(
    async ({ body = "" }: { readonly body?: string }, { idempotency }: WithIdempotency<object>) => {
      const { amountMinor } = JSON.parse(body);
      const idempotencyKey = idempotency.downstreamKey("charge");
      const { id } = await bank.charge({ idempotencyKey, amountMinor });
      return { statusCode: 201, headers: { location: `/charges/${id}` } };
    },
    {
      ...parts,
      singleTenant: true,
      operation: "create charge",
      profile: ietf({ inFlight: { waitMs: 2_000 } }),
    },
  );
}
