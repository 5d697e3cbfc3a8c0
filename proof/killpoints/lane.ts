import type { DemoHolder } from "../../lambda/demo-holders.ts";
import { seedDemoHolders } from "../../lambda/demo-holders.ts";
import { type Bank, startBank } from "../../local/bank.ts";
import { type MovableClock, startMovableClock } from "../../local/functions/movable-clock.ts";
import { type LambdaApi, startLambdaApi } from "../../local/lambda-api.ts";
import { createTables, localClient } from "../../local/tables.ts";
import { startTap, type Tap, type TapRequest } from "../../local/tap.ts";
import type { PlantedFault } from "../planted-faults.ts";
import { type Bundle, bundled, RUNNER } from "./bundle.ts";
import {
  type FunctionProcess,
  type InvocationResult,
  startFunctionProcess,
} from "./function-process.ts";
import type { Item } from "./rules.ts";
import { emptyTable, readItems, tablesOf } from "./tables.ts";

/** A function's source file, and the event that it is invoked with. */
export interface Call {
  readonly file: string;
  readonly event: unknown;
}

/** What became of a call, and how many requests it sent to DynamoDB. */
export type CallResult = (InvocationResult | { readonly kind: "died" }) & {
  readonly requests: number;
};

/** Decides about a request whose sender is dead. */
export type Settle = (fate: "arrives" | "is lost") => Promise<void>;

/** What a scenario is played on: functions with tables, a bank and a clock of their own. */
export interface Lane {
  readonly bank: Bank;
  readonly clock: MovableClock;
  readonly tap: Tap;
  holders(): { readonly alice: DemoHolder; readonly bob: DemoHolder };
  /** Calls a function, in a process that dies at the point, if one is given. */
  call(call: Call, dieAt?: string): Promise<CallResult>;
  /**
   * Calls a function and kills its process when it sends a request to DynamoDB.
   *
   * @param isFatal told of every request, in their order.
   * @returns what ends the waiting of the request: it is lost, or it arrives after all, and was
   *   carried out when this resolves.
   */
  killAtRequest(
    call: Call,
    isFatal: (request: TapRequest, index: number) => boolean,
  ): Promise<{ readonly result: CallResult; readonly settle: Settle }>;
  /** What stands in the ledger, in the records, and in the books of the bank. */
  books(): Promise<{ ledger: Item[]; records: Item[]; payments: Item[] }>;
  /** Makes everything as it was at first, but for the time. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The function that invokes, by its name, whatever was called before. */
const COMPLETER = "lib/completer/handler.ts";

const TIMEOUT_MS = 10_000;

/** Starts a lane on an engine. Its name must be its own. */
export async function startLane(
  name: string,
  endpoint: string,
  bundle: Bundle,
  without?: PlantedFault,
): Promise<Lane> {
  const tables = { records: `records-${name}`, ledger: `ledger-${name}`, tokens: `tokens-${name}` };
  await createTables(endpoint, tablesOf(tables));
  const client = localClient(endpoint);
  const tap = await startTap(endpoint);
  const bank = await startBank();
  const clock = startMovableClock();
  let functionFile = "";
  const lambda: LambdaApi = await startLambdaApi(async (_name, payload) => {
    const result = await run({ file: functionFile, event: JSON.parse(payload) });
    const outcome = result.kind === "returned" ? "returned" : "failed";
    return { outcome, payload: JSON.stringify(result) };
  });
  let holders: Awaited<ReturnType<typeof seedDemoHolders>>;
  let paidBefore = 0;
  let started = 0;
  const idle: FunctionProcess[] = [];

  function start(): FunctionProcess {
    started += 1;
    const id = `p${started}`;
    return startFunctionProcess(id, bundled(bundle.folder, RUNNER), {
      execArgv: clock.nodeArguments,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: `${bundle.folder}/compiled`,
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_ENDPOINT_URL_DYNAMODB: tap.endpoint(id),
        AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
        IDEMPOTENCY_TABLE: tables.records,
        LEDGER_TABLE: tables.ledger,
        TOKENS_TABLE: tables.tokens,
        BANK_URL: bank.url,
        FUNCTION_NAMES: "function",
        ...(without && { WITHOUT: without }),
      },
    });
  }

  async function runIn(
    child: FunctionProcess,
    { file, event }: Call,
    dieAt?: string,
  ): Promise<CallResult> {
    const module = bundled(bundle.folder, file);
    let requests = 0;
    const stop = tap.onRequest(({ environmentId }) => {
      if (environmentId === child.id) requests += 1;
      return "forward";
    });
    const result = await child.invoke({ module, event, dieAt, timeoutMs: TIMEOUT_MS });
    stop();
    // One that is ready while the dead one is still being replaced.
    idle.push(result.kind === "died" ? start() : child);
    return { ...result, requests };
  }

  function run(call: Call, dieAt?: string): Promise<CallResult> {
    return runIn(idle.shift() ?? start(), call, dieAt);
  }

  idle.push(start(), start());
  const lane: Lane = {
    bank,
    clock,
    tap,
    holders: () => holders,
    call(call, dieAt) {
      if (call.file !== COMPLETER) functionFile = call.file;
      return run(call, dieAt);
    },

    async killAtRequest(call, isFatal) {
      if (call.file !== COMPLETER) functionFile = call.file;
      const child = idle.shift() ?? start();
      const decided = Promise.withResolvers<"forward" | "drop-request">();
      const arrived = Promise.withResolvers<void>();
      let index = 0;
      let fatal: number | undefined;
      const forget = [
        tap.onRequest(async (request) => {
          if (request.environmentId !== child.id || fatal !== undefined) return "forward";
          if (!isFatal(request, index++)) return "forward";
          fatal = request.sequence;
          await child.kill();
          return decided.promise;
        }),
        tap.onAnswer(({ sequence }) => {
          if (sequence === fatal) arrived.resolve();
          return "pass";
        }),
      ];
      const result = await runIn(child, call);
      return {
        result,
        async settle(fate) {
          decided.resolve(fate === "arrives" ? "forward" : "drop-request");
          if (fate === "arrives" && fatal !== undefined) await arrived.promise;
          for (const one of forget) one();
        },
      };
    },

    async books() {
      const [ledger, records] = await Promise.all([
        readItems(client, tables.ledger),
        readItems(client, tables.records),
      ]);
      return { ledger, records, payments: bank.payments.slice(paidBefore) };
    },

    async reset() {
      await emptyTable(client, tables.ledger, "id");
      await emptyTable(client, tables.records, "id");
      await emptyTable(client, tables.tokens, "tokenDigest");
      paidBefore = bank.payments.length;
      const { ledger: ledgerTable, tokens: tokensTable } = tables;
      holders = await seedDemoHolders({ client, ledgerTable, tokensTable });
    },

    async close() {
      await Promise.all(idle.map((child) => child.kill()));
      client.destroy();
      await Promise.all([tap.close(), bank.close(), lambda.close()]);
      clock.close();
    },
  };
  await lane.reset();
  return lane;
}
