import { randomUUID } from "node:crypto";
import { type DemoHolder, seedDemoHolders } from "../../lambda/auth/demo-holders.ts";
import { type Cloud, type CloudOptions, startCloud } from "../cloud.ts";
import { synthesize } from "../synth.ts";
import { localClient } from "../tables.ts";
import { type Bank, startBank } from "./bank.ts";
import { transferBody } from "./sample-client.ts";

/** The demo account holders of the sample service, with their tokens. */
export type SampleHolders = { alice: DemoHolder; bob: DemoHolder };

/** The options of a cloud but for the stack, which is the sample's. */
export type SampleOptions = Omit<CloudOptions, "assembly" | "environment">;

/** The sample service, running on this machine. */
export type Sample = {
  cloud: Cloud;
  /** The bank that makes its payouts. */
  bank: Bank;
  holders: SampleHolders;
  /** Ends the cloud and the bank. */
  close(): Promise<void>;
};

/**
 * Synthesizes the stack of the sample service and runs it, with a bank beside it and two account
 * holders in it.
 *
 * @throws the errors of `synthesize` and `startCloud`.
 */
export async function startSample(options: SampleOptions): Promise<Sample> {
  const assembly = await synthesize();
  const bank = await startBank();
  let cloud: Cloud | undefined;
  // The functions end first: no function may meet a closed bank.
  const close = async () => {
    await cloud?.close();
    await bank.close();
  };
  try {
    cloud = await startCloud({ ...options, assembly, environment: { BANK_URL: bank.url } });
    return { cloud, bank, holders: await seedHolders(cloud), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Three commands to try the sample service: a transfer, its repeat, the balance. */
export function sampleCommands({ cloud, holders: { alice, bob } }: Sample): string[] {
  const authorization = `-H 'Authorization: Bearer ${alice.token}'`;
  const body = transferBody({ from: alice, to: bob, amountMinor: 2500 });
  const transfer =
    `curl -i ${cloud.url}/transfers ${authorization} -H 'Content-Type: application/json' ` +
    `-H 'Idempotency-Key: ${randomUUID()}' -d '${body}'`;
  return [
    `# ${alice.holder} sends ${bob.holder} 25.00 ${alice.currency}`,
    transfer,
    "# the response was lost, so the client repeats the request: the same response, and the money has moved once",
    transfer,
    "# the balance",
    `curl -i ${cloud.url}/accounts/${alice.account} ${authorization}`,
  ];
}

async function seedHolders(cloud: Cloud): Promise<SampleHolders> {
  const client = localClient(cloud.engine.endpoint);
  try {
    return await seedDemoHolders({
      client,
      ledgerTable: cloud.tableName("Ledger"),
      tokensTable: cloud.tableName("Tokens"),
    });
  } finally {
    client.destroy();
  }
}
