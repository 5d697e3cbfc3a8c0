import { afterAll, afterEach, beforeAll } from "@jest/globals";
import type { Cloud } from "../../local/cloud.ts";
import type { Bank } from "../../local/demo/bank.ts";
import {
  type Sample,
  type SampleHolders,
  type SampleOptions,
  startSample,
} from "../../local/demo/sample.ts";
import { startMovableClock } from "../../local/functions/movable-clock.ts";
import type { AnswerHook, RequestHook } from "../../local/tap.ts";

/** A response of the service, as a client sees it. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The `error` member of a problem+json response. */
  readonly error: { readonly code: string; readonly message: string; readonly status: number };
}

/** A client's request; `undefined` leaves a header out. */
export interface SentOrder {
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** The synthesized stack, running on this machine for the tests of one file. */
export interface RunningService {
  readonly cloud: () => Cloud;
  /** The bank that makes the payouts. */
  readonly bank: () => Bank;
  readonly holders: () => SampleHolders;
  /** Sends a transfer from Alice to Bob. */
  readonly transfer: (order?: SentOrder) => Promise<Received>;
  /** Sends a payout from Alice. */
  readonly payout: (order?: SentOrder) => Promise<Received>;
  /** Sends a request to any route, by default as Alice and as JSON. */
  readonly post: (path: string, order: SentOrder) => Promise<Received>;
  readonly get: (path: string, token?: string) => Promise<Received>;
  /** The balances of Alice and Bob, in minor units. */
  readonly balances: () => Promise<readonly [alice: number, bob: number]>;
  /** Moves the functions' time. */
  readonly advanceClock: (durationMs: number) => void;
  /** Disturbs the requests of the functions to DynamoDB until the test ends. */
  readonly disturb: (hook: RequestHook) => void;
  /** Disturbs DynamoDB's answers to the functions until the test ends. */
  readonly disturbAnswers: (hook: AnswerHook) => void;
}

/**
 * Sends again while the response is 503, as a client does. On a slow machine many functions that start at
 * once may use up their time before DynamoDB has replied.
 */
export async function sendUntilServed(send: () => Promise<Received>): Promise<Received> {
  let received = await send();
  for (let retries = 0; received.status === 503 && retries < 5; retries += 1) {
    received = await send();
  }
  return received;
}

export function runService(options: Partial<SampleOptions> = {}): RunningService {
  let sample: Sample;
  const clock = startMovableClock();
  const undo: (() => void)[] = [];

  beforeAll(async () => {
    sample = await startSample({ port: 0, log: () => {}, clock, ...options });
  }, 180_000);

  afterEach(() => {
    for (const one of undo.splice(0)) one();
  });

  afterAll(async () => {
    await sample?.close();
    clock.close();
  });

  async function send(path: string, init: RequestInit): Promise<Received> {
    const response = await fetch(`${sample.cloud.url}${path}`, init);
    const text = await response.text();
    const isProblem = response.headers.get("content-type") === "application/problem+json";
    const error = isProblem ? JSON.parse(text).error : undefined;
    return { status: response.status, headers: response.headers, text, error };
  }

  function post(path: string, order: SentOrder): Promise<Received> {
    const token = "token" in order ? order.token : `Bearer ${sample.holders.alice.token}`;
    return send(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: token }),
        ...(order.key !== undefined && { "idempotency-key": order.key }),
        ...order.headers,
      },
      ...(order.body !== undefined && { body: order.body }),
    });
  }

  async function balance(account: string, token: string): Promise<number> {
    const { text } = await send(`/accounts/${account}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return JSON.parse(text).balanceMinor;
  }

  return {
    cloud: () => sample.cloud,
    bank: () => sample.bank,
    holders: () => sample.holders,
    transfer: (order = {}) => post("/transfers", { body: createOrder(sample.holders), ...order }),
    payout: (order = {}) => post("/payouts", { body: createPayout(sample.holders), ...order }),
    post,
    get: (path, token = sample.holders.alice.token) =>
      send(path, { headers: { authorization: `Bearer ${token}` } }),
    balances: async () => {
      const { alice, bob } = sample.holders;
      return [await balance(alice.account, alice.token), await balance(bob.account, bob.token)];
    },
    advanceClock: clock.advance,
    disturb: (hook) => undo.push(sample.cloud.tap.onRequest(hook)),
    disturbAnswers: (hook) => undo.push(sample.cloud.tap.onAnswer(hook)),
  };
}

/** An order from Alice to pay Bob, with changes. */
export function createOrder({ alice, bob }: SampleHolders, changes: object = {}): string {
  const order = { from: alice.account, to: bob.account, amountMinor: 100, currency: "EUR" };
  return JSON.stringify({ ...order, ...changes });
}

/** An order from Alice to pay a beneficiary at another bank, with changes. */
export function createPayout({ alice }: SampleHolders, changes: object = {}): string {
  const beneficiary = "DE89370400440532013000";
  const order = { from: alice.account, amountMinor: 100, currency: "EUR", beneficiary };
  return JSON.stringify({ ...order, ...changes });
}
