import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let files: string[];
/** A project that has installed the packed package and the AWS SDK, but neither Middy nor CDK. */
let consumer: string;
/** A project that has installed the packed package and CDK, but neither the AWS SDK nor esbuild. */
let app: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lambda-idempotency-package-"));
  run("npm", ["run", "--silent", "build"], ROOT);
  const packed = run(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    ROOT,
  );
  const manifest = JSON.parse(packed);
  const tarball = Array.isArray(manifest) ? manifest[0] : Object.values(manifest)[0];
  files = tarball.files.map(({ path }: { path: string }) => path);
  const file = join(folder, tarball.filename);
  consumer = install("consumer", file, ["@aws-sdk/client-dynamodb", "@aws-sdk/util-dynamodb"]);
  app = install("app", file, ["aws-cdk-lib", "constructs"]);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A project of ES modules with the packed package, and with packages that this repository has. */
function install(name: string, tarball: string, peers: readonly string[]): string {
  const project = join(folder, name);
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "lambda-idempotency"), { recursive: true });
  run(
    "tar",
    ["xzf", tarball, "-C", join(modules, "lambda-idempotency"), "--strip-components=1"],
    project,
  );
  for (const peer of peers) {
    mkdirSync(dirname(join(modules, peer)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", peer), join(modules, peer));
  }
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  return project;
}

const USE = `
  dynamoDbStore({ tableName: "t" });
  let runs = 0;
  const handler = idempotent(async () => ({ statusCode: 201, body: String(++runs) }), {
    store: memoryStore(), singleTenant: true, profile: dwolla(),
  });
  const event = { requestContext: { http: { method: "POST" } }, headers: { "idempotency-key": "k" } };
  handler(event, {})
    .then(() => handler(event, {}))
    .then((replay) => console.log(JSON.stringify(replay)));
`;
const REPLAY = { statusCode: 201, headers: { "Idempotent-Replayed": "true" }, body: "1" };

test("the package imports without CDK and without Middy, and its parts fit together", () => {
  const program = `
    import { dwolla, idempotent, ietf, memoryStore } from "lambda-idempotency";
    import { idempotency } from "lambda-idempotency/middy";
    import { dynamoDbStore } from "lambda-idempotency/dynamodb";
    idempotency({ store: memoryStore(), singleTenant: true, profile: ietf() });
    ${USE}
  `;
  expect(JSON.parse(node(program))).toEqual(REPLAY);
});

/** CommonJS that may not require an ES module: so it is in Jest, and in Lambda's Node 22. */
const strictCommonJs = (program: string, project = consumer) =>
  run(
    process.execPath,
    ["--no-experimental-require-module", "--input-type=commonjs", "--eval", program],
    project,
  );

test("the package is required from CommonJS, where no ES module can be", () => {
  const program = `
    const { dwolla, idempotent, memoryStore } = require("lambda-idempotency");
    const { dynamoDbStore } = require("lambda-idempotency/dynamodb");
    ${USE}
  `;
  expect(JSON.parse(strictCommonJs(program))).toEqual(REPLAY);
});

test("the middleware, required from CommonJS, says what to do; and that can be done", () => {
  expect(() => strictCommonJs('require("lambda-idempotency/middy")')).toThrow(
    'lambda-idempotency/middy cannot be required: Middy has ES modules alone. Use `await import("lambda-idempotency/middy")`',
  );
  const program = `
    import("lambda-idempotency/middy").then(({ idempotency }) => console.log(typeof idempotency));
  `;
  expect(strictCommonJs(program)).toBe("function\n");
});

describe("where a process holds the package in both formats,", () => {
  const both = `
    import { createRequire } from "node:module";
    import * as esm from "lambda-idempotency";
    const cjs = createRequire(import.meta.url)("lambda-idempotency");
    const store = esm.memoryStore();
    const options = { store, singleTenant: true, operation: "pay" };
    const event = { requestContext: { http: { method: "POST" } }, headers: { "idempotency-key": "k" } };
    if (esm.idempotent === cjs.idempotent) throw new Error("there is one copy alone");
  `;

  test.each([
    ["esm", "cjs"],
    ["cjs", "esm"],
  ])("a layer of %s knows a layer of %s within it for one record", (outer, inner) => {
    const program = `
      ${both}
      const handler = async () => ({ statusCode: 201 });
      const call = ${outer}.idempotent(${inner}.idempotent(handler, options), options);
      console.log(await call(event, {}).catch(({ name, message }) => name + ": " + message));
    `;
    expect(node(program)).toContain(
      "IdempotencyConfigurationError: idempotency: another idempotent() or idempotency() already runs this request",
    );
  });

  test("a handler within two layers finds the functions of the context as they are", () => {
    const program = `
      ${both}
      const log = Object.assign(() => {}, { level: "info" });
      const handler = async (_event, context) => ({ statusCode: 200, body: String(context.log === log) });
      const inner = cjs.idempotent(handler, { ...options, operation: "book" });
      console.log((await esm.idempotent(inner, options)(event, { log })).body);
    `;
    expect(node(program)).toBe("true\n");
  });

  test("each knows the errors of the other", () => {
    const program = `
      ${both}
      console.log(esm.isCommitRefused(new cjs.CommitRefused(0)), cjs.isCommitRefused(new esm.CommitRefused(0)));
    `;
    expect(node(program)).toBe("true true\n");
  });
});

/** CDK alone takes seconds to load, where other tests run beside. */
const LOADS_CDK_MS = 120_000;

const STACK = `
  const stack = new Stack(new App({ outdir: "cdk.out" }), "Test");
  const table = new IdempotencyTable(stack, "Idempotency", { dueIndex: true });
  const code = lambda.Code.fromInline("exports.handler = () => {};");
  const pay = new lambda.Function(stack, "Pay", { runtime: lambda.Runtime.NODEJS_24_X, handler: "index.handler", code });
  table.protect(pay, { service: "payouts" });
`;

test.each([
  [
    "imported",
    `
      import { App, Stack, aws_lambda as lambda } from "aws-cdk-lib";
      import { IdempotencyCompleter, IdempotencyTable } from "lambda-idempotency/cdk";
    `,
    (program: string) => node(program, app),
  ],
  [
    "required",
    `
      const { App, Stack, aws_lambda: lambda } = require("aws-cdk-lib");
      const { IdempotencyCompleter, IdempotencyTable } = require("lambda-idempotency/cdk");
    `,
    (program: string) => strictCommonJs(program, app),
  ],
])(
  "the constructs, %s, deploy the completer's function as the package has it",
  (_how, load, start) => {
    rmSync(join(app, "cdk.out"), { recursive: true, force: true });
    start(`
    ${load}
    ${STACK}
    new IdempotencyCompleter(stack, "Completer", { table, functions: { payouts: pay } });
    stack.node.root.synth();
  `);
    const assembly = join(app, "cdk.out");
    const bundle = (path: string) => readFileSync(join(path, "index.mjs"), "utf8");
    const deployed = readdirSync(assembly).find((name) => name.startsWith("asset.")) ?? "";
    expect(bundle(join(assembly, deployed))).toBe(
      bundle(join(app, "node_modules/lambda-idempotency/dist/completer")),
    );
  },
  LOADS_CDK_MS,
);

test(
  "a completer of one format knows the service of a function that a table of the other protects",
  () => {
    const program = `
    import { createRequire } from "node:module";
    import { App, Stack, aws_lambda as lambda } from "aws-cdk-lib";
    import { IdempotencyTable } from "lambda-idempotency/cdk";
    const { IdempotencyCompleter } = createRequire(import.meta.url)("lambda-idempotency/cdk");
    ${STACK}
    new IdempotencyCompleter(stack, "Completer", { table, functions: { pay } });
    stack.node.root.synth();
  `;
    expect(() => node(program, app)).toThrow(
      'IdempotencyTable.protect gave the function the service "payouts"',
    );
  },
  LOADS_CDK_MS,
);

test.each(["await import", "require"])(
  "the constructs name the missing package when CDK is not installed: %s",
  (load) => {
    const program = `${load}("lambda-idempotency/cdk")`;
    expect(() => (load === "require" ? strictCommonJs(program) : node(program))).toThrow(
      /aws-cdk-lib|constructs/,
    );
  },
);

test("the completer's function is one file that needs no package", () => {
  const place = join(folder, "completer");
  mkdirSync(place);
  const bundle = join(place, "index.mjs");
  copyFileSync(join(consumer, "node_modules/lambda-idempotency/dist/completer/index.mjs"), bundle);
  const load = (env: object) => run(process.execPath, [bundle], place, env);
  expect(() => load({})).toThrow("the environment variable IDEMPOTENCY_TABLE is not set");
  const functions = { payouts: "arn:aws:lambda:eu-west-1:111122223333:function:pay" };
  load({ IDEMPOTENCY_TABLE: "t", FUNCTIONS: JSON.stringify(functions) });
});

test("the package has no dependency of its own, and holds only the library", () => {
  const manifest = JSON.parse(
    readFileSync(join(consumer, "node_modules/lambda-idempotency/package.json"), "utf8"),
  );
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.optionalDependencies).toBeUndefined();
  const foreign = files.filter(
    (path) =>
      !/^(dist\/(cjs|esm)\/.+\.(js|d\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
        path,
      ),
  );
  expect(foreign.sort()).toEqual([
    "dist/cjs/package.json",
    "dist/completer/LICENSES.txt",
    "dist/completer/index.mjs",
  ]);
  expect(files).toContain("LICENSE");
  expect(files.filter((path) => /transfer-stack|vendor-routes/.test(path))).toEqual([]);
});

function node(program: string, project = consumer): string {
  return run(process.execPath, ["--input-type=module", "--eval", program], project);
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
