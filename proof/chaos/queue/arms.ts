/** A consumer that can be put under chaos. */
interface ConsumerArm {
  /** File and export. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Powertools by the key of its manual, and by the id of the order with the amount validated. */
export const ARMS = {
  ours: { handler: "ours.handler", environment: {} },
  powertools: { handler: "powertools.handler", environment: { KEY: "message id" } },
  "powertools-order-id": { handler: "powertools.handler", environment: { KEY: "order id" } },
} satisfies Record<string, ConsumerArm>;

export type ArmName = keyof typeof ARMS;

export const ARM_NAMES = Object.keys(ARMS) as ArmName[];
