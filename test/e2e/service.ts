import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { type Cloud, type CloudOptions, startCloud } from "../../local/cloud.ts";
import { startMovableClock } from "../../local/functions/movable-clock.ts";
import { type SampleHolders, seedSample } from "../../local/sample.ts";
import { synthesize } from "../../local/synth.ts";
import type { RequestHook } from "../../local/tap.ts";

/** An answer of the service, as a client sees it. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The `error` member of a problem+json answer. */
  readonly error: { readonly code: string; readonly message: string; readonly status: number };
}

/** The synthesized stack, running on this machine for the tests of one file. */
export interface RunningService {
  readonly cloud: () => Cloud;
  readonly holders: () => SampleHolders;
  /** Sends a transfer of Alice's to Bob; `undefined` leaves a header out. */
  readonly transfer: (options?: {
    readonly key?: string | undefined;
    readonly token?: string | undefined;
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly headers?: Record<string, string>;
  }) => Promise<Received>;
  readonly get: (path: string, token?: string) => Promise<Received>;
  /** The balances of Alice and Bob, in minor units. */
  readonly balances: () => Promise<readonly [alice: number, bob: number]>;
  /** Moves the functions' time. */
  readonly advanceClock: (durationMs: number) => void;
  /** Disturbs the requests of the functions to DynamoDB until the test ends. */
  readonly disturb: (hook: RequestHook) => void;
}

export function runService(options: Partial<CloudOptions> = {}): RunningService {
  let cloud: Cloud;
  let holders: SampleHolders;
  const clock = startMovableClock();
  const undo: (() => void)[] = [];

  beforeAll(async () => {
    const assembly = await synthesize();
    cloud = await startCloud({ port: 0, log: () => {}, clock, ...options, assembly });
    holders = await seedSample(cloud);
  }, 60_000);

  afterEach(() => {
    for (const one of undo.splice(0)) one();
  });

  afterAll(async () => {
    await cloud?.close();
    clock.close();
  });

  async function send(path: string, init: RequestInit): Promise<Received> {
    const response = await fetch(`${cloud.url}${path}`, init);
    const text = await response.text();
    const isProblem = response.headers.get("content-type") === "application/problem+json";
    const error = isProblem ? JSON.parse(text).error : undefined;
    return { status: response.status, headers: response.headers, text, error };
  }

  async function balance(account: string, token: string): Promise<number> {
    const { text } = await send(`/accounts/${account}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return JSON.parse(text).balanceMinor;
  }

  return {
    cloud: () => cloud,
    holders: () => holders,
    transfer: (request = {}) => {
      const token = "token" in request ? request.token : `Bearer ${holders.alice.token}`;
      return send("/transfers", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token !== undefined && { authorization: token }),
          ...(request.key !== undefined && { "idempotency-key": request.key }),
          ...request.headers,
        },
        body: request.body ?? orderOf(holders),
      });
    },
    get: (path, token = holders.alice.token) =>
      send(path, { headers: { authorization: `Bearer ${token}` } }),
    balances: async () => [
      await balance(holders.alice.account, holders.alice.token),
      await balance(holders.bob.account, holders.bob.token),
    ],
    advanceClock: clock.advance,
    disturb: (hook) => undo.push(cloud.tap.onRequest(hook)),
  };
}

/** An order of Alice's to pay Bob, with changes. */
export function orderOf({ alice, bob }: SampleHolders, changes: object = {}): string {
  const order = { from: alice.account, to: bob.account, amountMinor: 100, currency: "EUR" };
  return JSON.stringify({ ...order, ...changes });
}
