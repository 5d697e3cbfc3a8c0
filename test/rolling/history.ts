import { randomInt } from "node:crypto";
import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { IdempotencyOptions, WithIdempotency } from "../../lib/index.ts";
import { createRandom, type Random } from "../../proof/kit/random.ts";
import { manualClock } from "../support/clock.ts";
import { httpApiEvent } from "../support/events.ts";
import type { Answer, TestContext } from "../support/service.ts";
import { judgePayments, type Paid, type Refused } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import type { Fate, Networks } from "./network.ts";
import { ROUTES } from "./routes.ts";
import type { Package, Version } from "./versions.ts";

/** The tools of all histories. */
export interface HistoryTools {
  readonly client: DynamoDBClient;
  readonly networks: Networks;
  readonly versions: Readonly<Record<Version, Package>>;
  readonly ledger: Ledger;
  /** The table of records of each version: the same for both, unless a test takes that away. */
  readonly recordsTables: Readonly<Record<Version, string>>;
  /** The versions that are deployed. */
  readonly deployed: readonly [Version, ...Version[]];
}

/** A history after its end. */
export interface Told {
  readonly seed: number;
  readonly route: string;
  readonly violations: readonly string[];
  /** The events, for the reader of a violation. */
  readonly story: readonly string[];
}

/** One execution of a handler, which may sleep in the middle. */
interface Process {
  readonly version: Version;
  readonly began: number;
  readonly deadlineMs: number;
  readonly kill: () => void;
  /** Goes on until the next sleep or the end. */
  readonly wake: () => Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const EVENTS = 24;
/** DynamoDB refuses a request that was signed longer ago. */
const OLDEST_COPY_MS = 15 * MINUTE_MS;
const ADVANCES_MS = [
  ...[1_000, 12_000, 12_000, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS],
  ...[2 * HOUR_MS + MINUTE_MS, DAY_MS + MINUTE_MS, DAY_MS + HOUR_MS + MINUTE_MS],
] as const;
const NO_FAULTS = () => "arrives" as const;

/** A new seed, or the one in the environment variable ROLLING_SEED. */
export function chooseSeed(): number {
  return process.env.ROLLING_SEED ? Number(process.env.ROLLING_SEED) : randomInt(2 ** 31);
}

/** Runs one history: requests, kills, late copies, sleeping processes and time, as the seed draws them. */
export async function runHistory(tools: HistoryTools, seed: number): Promise<Told> {
  const random = createRandom(seed);
  const route = random.pick(ROUTES);
  const { versions, ledger, recordsTables, client, networks } = tools;
  const clock = manualClock();
  const story: string[] = [];
  const violations: string[] = [];
  const copies: { readonly sentAtMs: number; readonly deliver: () => Promise<unknown> }[] = [];
  const asleep = new Set<Process>();
  const paid: Paid[] = [];
  const refused: Refused[] = [];
  const recordIds = new Set<string>();
  const keys: readonly [string, string] = [newKey(seed, 1), newKey(seed, 2)];
  let event = 0;
  let isCalm = false;

  const note = (line: string) => story.push(`${event}. ${line}`);

  /** Begins a request, and waits until its handler sleeps or its reply is there. */
  async function begin(
    version: Version,
    key: string,
    payload: string,
  ): Promise<Answer | undefined> {
    const began = event;
    const released = versions[version];
    const deadlineMs = clock.now() + 10_000;
    const network = networks.connect(isCalm ? NO_FAULTS : () => drawFate(random), (deliver) =>
      copies.push({ sentAtMs: clock.now(), deliver }),
    );
    const id = `${version}-${began}`;
    let fellAsleep = () => {};
    let wakeUp = () => {};
    const pause = async () => {
      if (isCalm || !random.chance(0.25)) return;
      await new Promise<void>((resolve) => {
        wakeUp = resolve;
        asleep.add(current);
        note(`${id} sleeps`);
        fellAsleep();
      });
    };
    const handler = released.idempotent(
      (_event: unknown, context: WithIdempotency<TestContext>) =>
        route.handle({
          ...{ context, key, payload, id, ledger, pause },
          isRefusing: !isCalm && random.chance(0.12),
          isFailing: !isCalm && random.chance(0.1),
          isCommitStep: version === "new" && random.chance(0.5),
          payment: (paymentId) =>
            ({ id: paymentId, atMs: clock.now(), began, event, key }) as never,
          bank: (downstreamKey) => {
            // Nothing can fence an effect outside DynamoDB that a frozen process has days later.
            const isGone = network.isDead() || clock.now() > deadlineMs + HOUR_MS;
            if (isGone) throw new Error("the process is dead");
            paid.push({ account: `bank ${key}`, id: downstreamKey, atMs: clock.now() });
          },
        }),
      {
        store: released.dynamoDbStore({
          tableName: recordsTables[version],
          client: network.client,
        }),
        singleTenant: true,
        clock,
        randomUUID: () => random.uuid(),
        observe: (observation: object) => {
          const { recordId } = observation as { readonly recordId?: string };
          if (recordId !== undefined) recordIds.add(recordId);
        },
        ...route.options(released, random),
        // A process that has not read a freed record before its handler ran does not take its key.
        ...(isCalm && { readFirst: "always" }),
      } as unknown as IdempotencyOptions<unknown, TestContext>,
    );
    const request = httpApiEvent({ key, body: route.body(key, payload) });
    const invocation = {
      functionName: "payments",
      awsRequestId: id,
      getRemainingTimeInMillis: () => deadlineMs - clock.now(),
    };
    let reply: Answer | undefined;
    const end = (handler(request, invocation) as Promise<Answer>)
      .catch((): Answer => ({ statusCode: 502 }))
      .then(async (answer) => {
        reply = network.isDead() ? { statusCode: 504 } : answer;
        note(
          `${id} key ${keys.indexOf(key) + 1} ${payload} → ${reply.statusCode} ${(reply.body ?? "").slice(0, 60)}`,
        );
        networks.disconnect(network);
        await hear(version, key, reply);
      });
    const goOn = () => {
      const sleeps = new Promise<void>((resolve) => {
        fellAsleep = resolve;
      });
      return Promise.race([end, sleeps]);
    };
    const current: Process = {
      ...{ version, began, deadlineMs, kill: network.kill },
      wake: () => {
        asleep.delete(current);
        const next = goOn();
        wakeUp();
        return next;
      },
    };
    await goOn();
    return reply;
  }

  /** A client hears a reply, and compares it with the ledger. */
  async function hear(version: Version, key: string, { statusCode, body }: Answer) {
    const said = route.read(statusCode, body);
    if (said === undefined) return;
    if ("refusedBy" in said) {
      // A final refusal of 0.1.0 may be followed by an earlier attempt's payment.
      if (version === "new") refused.push({ key, event });
      return;
    }
    if (!route.paysInLedger) return;
    const last = (await ledger.payments(key)).at(-1);
    if (last?.id !== said.payment) {
      violations.push(`a client heard of ${said.payment}, and the last payment is ${last?.id}`);
    }
  }

  async function sweep(): Promise<void> {
    for (const id of recordIds) await deleteByTtl(client, recordsTables, id, clock.now());
    note("TTL");
  }

  async function advance(durationMs: number): Promise<void> {
    clock.advance(durationMs);
    note(`+${durationMs / 1000} s`);
    for (const process of [...asleep]) {
      // A process of 0.1.0 that is frozen for long pays twice beside another of 0.1.0, too.
      const isGone = process.version === "old" && clock.now() > process.deadlineMs + HOUR_MS;
      if (!isGone) continue;
      process.kill();
      await process.wake();
    }
  }

  async function step(): Promise<void> {
    const drawn = random.fraction();
    if (drawn < 0.5) {
      const payload = random.chance(0.85) ? "a" : "b";
      const version = random.pick(tools.deployed);
      await begin(version, random.pick(keys), payload);
    } else if (drawn < 0.62) {
      const [process] = asleep;
      note("a process wakes");
      await process?.wake();
    } else if (drawn < 0.72) {
      const at = copies.findIndex(({ sentAtMs }) => clock.now() - sentAtMs < OLDEST_COPY_MS);
      const [copy] = at < 0 ? [] : copies.splice(at, 1);
      note("a late copy arrives");
      await copy?.deliver();
    } else if (drawn < 0.94) {
      await advance(random.pick(ADVANCES_MS));
    } else {
      await sweep();
    }
  }

  for (event = 1; event <= EVENTS; event += 1) await step();
  isCalm = true;
  for (const process of [...asleep]) await process.wake();
  await finish();
  for (const key of keys) {
    const payments = await ledger.payments(key);
    paid.push(...payments.map((payment) => ({ account: key, ...payment })));
    violations.push(...judgePayments(paid, refused, key, route.windowMs));
  }
  return { seed, route: route.name, violations, story };

  /** In the end the present version alone is deployed, and each request comes to an end. */
  async function finish(): Promise<void> {
    if (!tools.deployed.includes("new")) return;
    for (const key of keys) {
      let answer: Answer | undefined;
      for (const payload of ["a", "a", "b"]) {
        event += 1;
        await advance(MINUTE_MS);
        answer = await begin("new", key, payload);
        if (answer !== undefined && route.isFinal(answer.statusCode, answer.body)) break;
      }
      if (answer === undefined || !route.isFinal(answer.statusCode, answer.body)) {
        violations.push(`${key} does not end: ${answer?.statusCode} ${answer?.body}`);
      }
    }
  }
}

/** Most requests arrive. */
function drawFate(random: Random): Fate {
  return random.chance(0.8)
    ? "arrives"
    : random.pick([
        ...(["reply lost", "lost", "late", "twice", "throttled"] as const),
        ...(["killed before", "killed after"] as const),
      ] as unknown as readonly [Fate, ...Fate[]]);
}

function newKey(seed: number, number: number): string {
  return `5f6c3d1e-2b7a-4f0e-${String(number).padStart(4, "9")}-${seed.toString(16).padStart(12, "0")}`;
}

async function deleteByTtl(
  client: DynamoDBClient,
  tables: Readonly<Record<Version, string>>,
  id: string,
  nowMs: number,
): Promise<void> {
  for (const TableName of new Set(Object.values(tables))) {
    const input = {
      TableName,
      Key: { id: { S: id } },
      ConditionExpression: "#expiresAt < :now",
      ExpressionAttributeNames: { "#expiresAt": "expiresAt" },
      ExpressionAttributeValues: { ":now": { N: String(Math.floor(nowMs / 1000)) } },
    };
    await client.send(new DeleteItemCommand(input)).catch((error: Error) => {
      if (error.name !== "ConditionalCheckFailedException") throw error;
    });
  }
}
