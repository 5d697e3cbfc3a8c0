/** The orders that were sent, in order. */
export const sent: string[] = [];

/** Stands for any effect that must happen once. */
export async function send({ orderId }: { readonly orderId: string }) {
  sent.push(orderId);
  return { number: sent.length };
}
