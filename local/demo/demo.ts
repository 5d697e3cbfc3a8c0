import { readCommandLine } from "../command-line.ts";
import { onShutdown } from "../process/shutdown.ts";
import type { Bank } from "./bank.ts";
import { countRoundTrips } from "./round-trips.ts";
import { type Sample, startSample } from "./sample.ts";
import { readBalanceMinor } from "./sample-client.ts";
import { story } from "./story.ts";

/** `npm run demo`: plays the story on a free port, and fails unless each request moves money once. */
async function demo(): Promise<boolean> {
  const options = readCommandLine(process.argv.slice(2));
  let sample: Sample | undefined;
  onShutdown(async () => sample?.close());
  try {
    console.log("Synthesizing the stack …");
    sample = await startSample({ port: 0, ...options });
    const { cloud } = sample;
    console.log(`Engine: ${cloud.engine.name}. Runner: ${cloud.runner}. URL: ${cloud.url}\n`);
    return await play(sample);
  } finally {
    await sample?.close();
  }
}

async function play(sample: Sample): Promise<boolean> {
  const { cloud, bank, holders } = sample;
  const before = await readBalances(sample);
  let expectedMinor = before.alice;
  let expectedPaidMinor = 0;
  let isRight = true;

  console.log(row("request", "status", "replayed", "round trips", "alice has", "bank has paid"));
  for (const { title, send, changeMinor, paysMinor } of story(sample)) {
    const { result: responses, roundTrips } = await countRoundTrips(cloud, "Authorizer", send);
    expectedMinor += changeMinor;
    expectedPaidMinor += paysMinor;
    const balanceMinor = await readBalanceMinor(cloud, holders.alice);
    const paidMinor = paidMinorBy(bank);
    const isExpected = balanceMinor === expectedMinor && paidMinor === expectedPaidMinor;
    const verdict = `  WRONG: expected ${inMajorUnits(expectedMinor)} and ${inMajorUnits(expectedPaidMinor)}`;
    const [status, replayed] = summarize(responses);
    const amounts = [inMajorUnits(balanceMinor), inMajorUnits(paidMinor)] as const;
    console.log(
      row(title, status, replayed, String(roundTrips), ...amounts) + (isExpected ? "" : verdict),
    );
    isRight &&= isExpected;
  }

  const after = await readBalances(sample);
  const paidMinor = paidMinorBy(bank);
  const isConserved = after.alice + after.bob + paidMinor === before.alice + before.bob;
  console.log(
    `\nThe ledger: alice ${inMajorUnits(after.alice)}, bob ${inMajorUnits(after.bob)}; ` +
      `the bank has paid ${inMajorUnits(paidMinor)}; ` +
      `${isConserved ? "nothing was made or lost" : "WRONG: the sum has changed"}.`,
  );
  console.log(
    isRight
      ? "Every request moved the money once."
      : "WRONG: not every request moved the money exactly once.",
  );
  return isRight && isConserved;
}

async function readBalances({ cloud, holders }: Sample): Promise<{ alice: number; bob: number }> {
  return {
    alice: await readBalanceMinor(cloud, holders.alice),
    bob: await readBalanceMinor(cloud, holders.bob),
  };
}

function paidMinorBy(bank: Bank): number {
  return bank.payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** The statuses of the responses and whether they are replays; equal statuses are counted. */
function summarize(responses: Response[]): [status: string, replayed: string] {
  const statuses = countEqual(responses.map(({ status }) => String(status)));
  const replayed = responses.filter(({ headers }) => headers.get("idempotent-replayed") === "true");
  if (responses.length === 1) return [statuses, replayed.length > 0 ? "yes" : "no"];
  return [statuses, `${replayed.length} of ${responses.length}`];
}

function countEqual(texts: string[]): string {
  const distinct = [...new Set(texts)].sort();
  if (texts.length === 1) return distinct.join();
  return distinct
    .map((text) => `${texts.filter((other) => other === text).length} × ${text}`)
    .join(", ");
}

/** A line of the table. Round trips are counted for the functions, over all requests of the line. */
function row(
  title: string,
  status: string,
  replayed: string,
  roundTrips: string,
  balance: string,
  paid: string,
): string {
  return [
    title.padEnd(57),
    status.padEnd(18),
    replayed.padEnd(9),
    roundTrips.padEnd(12),
    balance.padEnd(10),
    paid,
  ].join(" ");
}

function inMajorUnits(amountMinor: number): string {
  return (amountMinor / 100).toFixed(2);
}

demo().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error) => {
    console.error((error as Error).message);
    process.exit(1);
  },
);
