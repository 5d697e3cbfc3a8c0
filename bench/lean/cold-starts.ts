import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createHttpEvent } from "../../proof/kit/http-event.ts";
import { createRandom } from "../../proof/kit/random.ts";
import { bundle } from "../bundle/bundle.ts";
import type { HandlerName } from "../bundle/handlers.ts";
import { progress, progressDone } from "../print/progress.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = join(ROOT, ".local/lean");
const HANDLER: HandlerName = "ours: Middy, DynamoDB";

/** The compared clients, with the module that replaces the SDK in the bundle. */
const CLIENTS = {
  "the AWS SDK": {},
  aws4: { "@aws-sdk/client-dynamodb": join(ROOT, "bench/lean/sdk-aws4.ts") },
  aws4fetch: { "@aws-sdk/client-dynamodb": join(ROOT, "bench/lean/sdk-aws4fetch.ts") },
} satisfies Record<string, Readonly<Record<string, string>>>;

/** aws4 is CommonJS, and loads Node's own modules by `require`. */
const REQUIRE = `import{createRequire as requireFor}from"node:module";const require=requireFor(import.meta.url);`;

export type ClientName = keyof typeof CLIENTS;

/** The CPU times of new processes, in milliseconds of the main thread. */
export interface ColdStarts {
  readonly client: ClientName;
  readonly minifiedBytes: number;
  readonly importMs: readonly number[];
  /** From the import to the first response: two requests, signed and sent, and the modules they load. */
  readonly firstRequestMs: readonly number[];
}

const EVENT = createHttpEvent({
  route: "POST /transfers",
  headers: { "idempotency-key": "cold-start" },
  authorizer: { jwt: { claims: { sub: "tenant" } } },
  body: { amount: "10.00" },
});

const START_ONCE = `const usedMs = ({ user, system }) => (user + system) / 1000;
const before = usedMs(process.threadCpuUsage());
const { handler } = await import(process.argv[1]);
const imported = usedMs(process.threadCpuUsage());
const answer = await handler(${JSON.stringify(EVENT)}, { getRemainingTimeInMillis: () => 10_000 });
const answered = usedMs(process.threadCpuUsage());
if (answer.statusCode !== 201) throw new Error("answered " + answer.statusCode);
console.log(JSON.stringify({ importMs: imported - before, firstRequestMs: answered - imported }));
process.exit(0);`;

/** Starts the same handler with each client in this many new processes, in seeded rounds. */
export async function measureColdStarts(processes: number, seed: number): Promise<ColdStarts[]> {
  const random = createRandom(seed);
  // This server accepts every write, with the same bytes as an engine.
  const server = createServer((_request, answer) => answer.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const arms = await Promise.all(
      (Object.keys(CLIENTS) as ClientName[]).map(async (client) => ({
        client,
        ...(await writeBundle(client)),
        importMs: [] as number[],
        firstRequestMs: [] as number[],
      })),
    );
    for (const { file } of arms) await startOnce(file, endpoint);
    for (let round = 1; round <= processes; round += 1) {
      progress(`starting, round ${round} of ${processes}`);
      for (const arm of random.shuffle(arms)) {
        const { importMs, firstRequestMs } = await startOnce(arm.file, endpoint);
        arm.importMs.push(importMs);
        arm.firstRequestMs.push(firstRequestMs);
      }
    }
    progressDone();
    return arms;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function writeBundle(client: ClientName): Promise<{ file: string; minifiedBytes: number }> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${client.replace(/\W+/g, "-")}.mjs`);
  const { code, minifiedBytes } = await bundle(HANDLER, "in", CLIENTS[client]);
  await writeFile(file, `${REQUIRE}${Buffer.from(code).toString()}`);
  return { file, minifiedBytes };
}

async function startOnce(
  file: string,
  endpoint: string,
): Promise<{ importMs: number; firstRequestMs: number }> {
  const args = ["--input-type=module", "-e", START_ONCE, pathToFileURL(file).href];
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout);
}
