import type { MiddlewareObj } from "@middy/core";
import type { Authorised } from "./authorise.ts";

interface Order extends Authorised {
  readonly body: { readonly amountMinor: number };
}

let created = 0;

/** A handler that reads the parsed body. */
export async function createOrder({ body, holder }: Order) {
  created += 1;
  const order = { id: `o-${created}`, holder, amountMinor: body.amountMinor };
  return {
    statusCode: 201,
    headers: { location: `/orders/${order.id}` },
    body: JSON.stringify(order),
  };
}

/** Throws a 4xx, which frees the key. */
export function validateOrder(): MiddlewareObj<Order> {
  return {
    before: ({ event }) => {
      if (event.body.amountMinor > 0) return;
      throw Object.assign(new Error("amountMinor must be above 0"), { statusCode: 422 });
    },
  };
}
