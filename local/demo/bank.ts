import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { readBody } from "../http/body.ts";
import { LOOPBACK, listen } from "../process/ports.ts";

/** A payment that the bank has made. */
export type BankPayment = {
  paymentId: string;
  /** The `Idempotency-Key` of the request. */
  key: string;
  /** The account at another bank that was credited. */
  account: string;
  amountMinor: number;
  /** ISO 4217 code. */
  currency: string;
};

/**
 * A fault of the bank in one request:
 * - `fail`: the bank answers 503 and has paid nothing;
 * - `lose-answer`: the bank has paid, and the connection breaks;
 * - `refuse`: the bank answers 422 and will never pay under this key;
 * - `{delayMs}`: the bank has paid, and delays its answer.
 */
export type Misbehaviour = "fail" | "lose-answer" | "refuse" | { delayMs: number };

/** An HTTP service that stands for a bank outside of the stack, and pays once for each key. */
export type Bank = {
  url: string;
  /** All payments made, in their order. */
  payments: readonly BankPayment[];
  /** The `Idempotency-Key` of every request, paid or not. */
  requestedKeys: readonly string[];
  /** Makes the next requests go wrong, one fault each. Later requests go well again. */
  next(...misbehaviours: Misbehaviour[]): void;
  /** Drops the faults that are still to come: from now on all requests go well. */
  behave(): void;
  close(): Promise<void>;
};

/**
 * Starts a bank. `POST /payments` with an `Idempotency-Key` and `{account, amountMinor, currency}`
 * is answered with 201 `{paymentId}`, or with 422 `{refusal}` if the bank refuses to pay. The same
 * request under the same key gets the same answer; another request under that key gets 422 `{error}`.
 *
 * @param options.port a free port by default.
 * @throws if the port is taken.
 */
export async function startBank({ port = 0 }: { port?: number } = {}): Promise<Bank> {
  const payments: BankPayment[] = [];
  const requestedKeys: string[] = [];
  const misbehaviours: Misbehaviour[] = [];
  const settled = new Map<string, { text: string; answer: BankAnswer }>();

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // A frozen function cannot see that a connection is closed, and would use it after the thaw.
  server.keepAliveTimeout = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const text = (await readBody(incoming)).toString();
    requestedKeys.push(String(incoming.headers["idempotency-key"] ?? ""));
    const misbehaviour = misbehaviours.shift();
    if (misbehaviour === "fail")
      return send(outgoing, error(503, "The bank cannot pay at the moment."));
    const answer = answerTo(incoming, text, misbehaviour === "refuse");
    if (misbehaviour === "lose-answer") return void outgoing.destroy();
    // A client that has stopped waiting must not keep the program alive.
    if (typeof misbehaviour === "object") {
      await delay(misbehaviour.delayMs, undefined, { ref: false });
    }
    send(outgoing, answer);
  }

  function answerTo(incoming: IncomingMessage, text: string, isRefused: boolean): BankAnswer {
    if (`${incoming.method} ${incoming.url}` !== "POST /payments") {
      return error(404, "There is only POST /payments.");
    }
    const key = incoming.headers["idempotency-key"];
    if (typeof key !== "string" || key === "") {
      return error(400, "The header Idempotency-Key is missing; send one for each payment.");
    }
    const earlier = settled.get(key);
    if (earlier?.text === text) return earlier.answer;
    if (earlier) return error(422, "This Idempotency-Key was used for another payment.");
    const order = readOrder(text);
    if (!order) {
      return error(400, "The body is no payment; expected {account, amountMinor, currency}.");
    }
    const answer = isRefused
      ? { status: 422, body: { refusal: "The account is closed." } }
      : { status: 201, body: { paymentId: pay(key, order) } };
    settled.set(key, { text, answer });
    return answer;
  }

  function pay(key: string, order: PaymentOrder): string {
    const paymentId = `pay_${randomUUID()}`;
    payments.push({ paymentId, key, ...order });
    return paymentId;
  }

  return {
    url: `http://${LOOPBACK}:${await listen(server, port)}`,
    payments,
    requestedKeys,
    next: (...added) => void misbehaviours.push(...added),
    behave: () => void misbehaviours.splice(0),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type BankAnswer = { status: number; body: Record<string, string> };
type PaymentOrder = Pick<BankPayment, "account" | "amountMinor" | "currency">;

function readOrder(text: string): PaymentOrder | undefined {
  try {
    const { account, amountMinor, currency } = JSON.parse(text);
    const isOrder =
      typeof account === "string" &&
      Number.isSafeInteger(amountMinor) &&
      amountMinor > 0 &&
      typeof currency === "string";
    return isOrder ? { account, amountMinor, currency } : undefined;
  } catch {
    return undefined;
  }
}

function error(status: number, message: string): BankAnswer {
  return { status, body: { error: message } };
}

function send(outgoing: ServerResponse, { status, body }: BankAnswer): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}
