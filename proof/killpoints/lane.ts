import { type DemoHolder, seedDemoHolders } from "../../lambda/auth/demo-holders.ts";
import { type Bank, startBank } from "../../local/demo/bank.ts";
import { type MovableClock, startMovableClock } from "../../local/functions/movable-clock.ts";
import { startLambdaApi } from "../../local/lambda-api.ts";
import { createTables, localClient } from "../../local/tables.ts";
import { startTap, type Tap, type TapRequest } from "../../local/tap.ts";
import { type FifoQueue, startFifoQueue } from "../kit/fifo-queue.ts";
import type { PlantedFault } from "../kit/planted-faults.ts";
import type { Bundle } from "./bundle.ts";
import { type Call, type CallResult, startFunctionProcessPool } from "./function-pool.ts";
import type { Item } from "./rules.ts";
import { defineTables, emptyTable, putItem, readItems } from "./tables.ts";

/** Decides the fate of a request whose sender is dead; resolves when the request is carried out or lost. */
export type Settle = (fate: "arrives" | "is lost") => Promise<void>;

/** The equipment of one scenario at a time: functions with tables, a bank and a clock of their own. */
export interface Lane {
  readonly bank: Bank;
  readonly clock: MovableClock;
  readonly tap: Tap;
  /** The queue of transfers, without its consumer. */
  readonly queue: Pick<FifoQueue, "takeAll">;
  holders(): { readonly alice: DemoHolder; readonly bob: DemoHolder };
  /** Calls a function. Its process dies at the point `dieAt`, if given. */
  call(call: Call, dieAt?: string): Promise<CallResult>;
  /**
   * Calls a function, and kills its process while one of its requests to DynamoDB is on the way.
   *
   * @param isFatal called for each request of the function, in their order.
   */
  killAtRequest(
    call: Call,
    isFatal: (request: TapRequest, index: number) => boolean,
  ): Promise<{ readonly result: CallResult; readonly settle: Settle }>;
  /** Runs an action before the request to DynamoDB with this index, from now on. @returns a function that cancels it. */
  beforeRequest(index: number, action: () => Promise<void>): () => void;
  /** Reads the ledger, the records and the books of the bank. */
  books(): Promise<{ ledger: Item[]; records: Item[]; payments: Item[] }>;
  /** Puts a record in place of the one with the same id. */
  replaceRecord(record: Item): Promise<void>;
  /** Restores the first state of everything, except the time. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The completer invokes a function by its ARN; here, it means the last function that was called. */
const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:000000000000:function:function";
const COMPLETER = "lib/completer/handler.ts";

/**
 * Starts a lane.
 *
 * @param name must be unique on the engine.
 * @param without the safeguard to remove from its functions.
 */
export async function startLane(
  name: string,
  endpoint: string,
  bundle: Bundle,
  without?: PlantedFault,
): Promise<Lane> {
  const tables = { records: `records-${name}`, ledger: `ledger-${name}`, tokens: `tokens-${name}` };
  await createTables(endpoint, defineTables(tables));
  const client = localClient(endpoint);
  const tap = await startTap(endpoint);
  const bank = await startBank();
  const clock = startMovableClock();
  const queue = await startFifoQueue(undefined, clock);
  const lambda = await startLambdaApi(async (_name, payload) => {
    const result = await pool.run(pool.take(), { file: invoked, event: JSON.parse(payload) });
    const outcome = result.kind === "returned" ? "returned" : "failed";
    return { outcome, payload: JSON.stringify(result) };
  });
  const pool = startFunctionProcessPool(bundle, tap, {
    execArgv: clock.nodeArguments,
    env: {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      IDEMPOTENCY_TABLE: tables.records,
      LEDGER_TABLE: tables.ledger,
      TOKENS_TABLE: tables.tokens,
      BANK_URL: bank.url,
      TRANSFERS_QUEUE_URL: queue.url,
      FUNCTIONS: JSON.stringify({ function: FUNCTION_ARN }),
      ...(without && { WITHOUT: without }),
    },
  });
  let invoked = "";
  let holders: Awaited<ReturnType<typeof seedDemoHolders>>;
  let paidBefore = 0;

  function noteFunction({ file }: Call): void {
    if (file !== COMPLETER) invoked = file;
  }

  return {
    bank,
    clock,
    tap,
    queue,
    holders: () => holders,

    call(call, dieAt) {
      noteFunction(call);
      return pool.run(pool.take(), call, dieAt);
    },

    async killAtRequest(call, isFatal) {
      noteFunction(call);
      const child = pool.take();
      const decided = Promise.withResolvers<"forward" | "drop-request">();
      const arrived = Promise.withResolvers<void>();
      let seen = 0;
      let fatal: number | undefined;
      const forget = [
        tap.onRequest(async (request) => {
          if (request.environmentId !== child.id || fatal !== undefined) return "forward";
          seen += 1;
          if (!isFatal(request, seen - 1)) return "forward";
          fatal = request.sequence;
          await child.kill();
          return decided.promise;
        }),
        tap.onAnswer(({ sequence }) => {
          if (sequence === fatal) arrived.resolve();
          return "pass";
        }),
      ];
      const result = await pool.run(child, call);
      return {
        result,
        async settle(fate) {
          decided.resolve(fate === "arrives" ? "forward" : "drop-request");
          if (fate === "arrives" && fatal !== undefined) await arrived.promise;
          for (const one of forget) one();
        },
      };
    },

    beforeRequest(index, action) {
      let seen = 0;
      return tap.onRequest(async (): Promise<"forward"> => {
        seen += 1;
        if (seen - 1 === index) await action();
        return "forward";
      });
    },

    async books() {
      const [ledger, records] = await Promise.all([
        readItems(client, tables.ledger),
        readItems(client, tables.records),
      ]);
      return { ledger, records, payments: bank.payments.slice(paidBefore) };
    },

    replaceRecord: (record) => putItem(client, tables.records, record),

    async reset() {
      await emptyTable(client, tables.ledger, "id");
      await emptyTable(client, tables.records, "id");
      await emptyTable(client, tables.tokens, "tokenDigest");
      queue.takeAll();
      paidBefore = bank.payments.length;
      const { ledger: ledgerTable, tokens: tokensTable } = tables;
      holders = await seedDemoHolders({ client, ledgerTable, tokensTable });
    },

    async close() {
      await pool.close();
      client.destroy();
      await Promise.all([tap.close(), bank.close(), lambda.close(), queue.close()]);
      clock.close();
    },
  };
}
