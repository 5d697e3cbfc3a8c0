import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let consumer: string;
let files: string[];

/** A project that has installed the packed package and the AWS SDK, but neither Middy nor CDK. */
beforeAll(async () => {
  consumer = mkdtempSync(join(tmpdir(), "lambda-idempotency-consumer-"));
  run("npm", ["run", "--silent", "build"], ROOT);
  const packed = run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", consumer],
    ROOT,
  );
  const manifest = JSON.parse(packed);
  const tarball = Array.isArray(manifest) ? manifest[0] : Object.values(manifest)[0];
  files = tarball.files.map(({ path }: { path: string }) => path);
  const modules = join(consumer, "node_modules");
  await mkdir(join(modules, "lambda-idempotency"), { recursive: true });
  run(
    "tar",
    [
      "xzf",
      join(consumer, tarball.filename),
      "-C",
      join(modules, "lambda-idempotency"),
      "--strip-components=1",
    ],
    consumer,
  );
  link("@aws-sdk/client-dynamodb", modules);
  link("@aws-sdk/util-dynamodb", modules);
  writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
}, 120_000);

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

test("the package imports without CDK and without Middy, and its parts fit together", () => {
  const program = `
    import { dwolla, idempotent, ietf, memoryStore } from "lambda-idempotency";
    import { idempotency } from "lambda-idempotency/middy";
    import { dynamoDbStore } from "lambda-idempotency/dynamodb";
    dynamoDbStore({ tableName: "t" });
    idempotency({ store: memoryStore(), singleTenant: true, profile: ietf() });
    let runs = 0;
    const handler = idempotent(async () => ({ statusCode: 201, body: String(++runs) }), {
      store: memoryStore(), singleTenant: true, profile: dwolla(),
    });
    const event = { requestContext: { http: { method: "POST" } }, headers: { "idempotency-key": "k" } };
    await handler(event, {});
    console.log(JSON.stringify(await handler(event, {})));
  `;
  expect(JSON.parse(node(program))).toEqual({
    statusCode: 201,
    headers: { "Idempotent-Replayed": "true" },
    body: "1",
  });
});

test("the constructs name the missing package when CDK is not installed", () => {
  expect(() => node('await import("lambda-idempotency/cdk")')).toThrow(/aws-cdk-lib|constructs/);
});

test("the completer's function is one file that needs no package", () => {
  const folder = mkdtempSync(join(tmpdir(), "completer-"));
  const bundle = join(folder, "index.mjs");
  copyFileSync(join(consumer, "node_modules/lambda-idempotency/dist/completer/index.mjs"), bundle);
  const load = (env: object) => run(process.execPath, [bundle], folder, env);
  try {
    expect(() => load({})).toThrow("the environment variable IDEMPOTENCY_TABLE is not set");
    const functions = { payouts: "arn:aws:lambda:eu-west-1:111122223333:function:pay" };
    load({ IDEMPOTENCY_TABLE: "t", FUNCTIONS: JSON.stringify(functions) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the package has no dependency of its own, and holds only the library", () => {
  const manifest = JSON.parse(
    readFileSync(join(consumer, "node_modules/lambda-idempotency/package.json"), "utf8"),
  );
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.optionalDependencies).toBeUndefined();
  const foreign = files.filter(
    (path) => !/^(dist\/.+\.(js|d\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
  );
  expect(foreign.sort()).toEqual(["dist/completer/LICENSES.txt", "dist/completer/index.mjs"]);
  expect(files).toContain("LICENSE");
  expect(files.filter((path) => /transfer-stack|vendor-routes/.test(path))).toEqual([]);
});

function node(program: string): string {
  return run(process.execPath, ["--input-type=module", "--eval", program], consumer);
}

function run(command: string, args: string[], cwd: string, variables: object = {}): string {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return execFileSync(command, args, {
    cwd,
    env: { ...env, ...variables },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Stands in for the installation of a package that this repository has installed already. */
function link(name: string, modules: string): void {
  const target = join(modules, name);
  execFileSync("mkdir", ["-p", dirname(target)]);
  symlinkSync(join(ROOT, "node_modules", name), target);
}
