import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { INTEGRATION_FOLDERS, INTEGRATION_TESTS, PROOF_TESTS } from "./sets.ts";
import { reachableFrom } from "./support/reach.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What each file of lib/ imports: packages by name, own files by their path in lib/. */
const imports = new Map(
  readdirSync(join(ROOT, "lib"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, importsOf(file)]),
);

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, "lib", file), "utf8");
  return [...source.matchAll(/(?:from|import) "([^"]+)";/g)].map(([, specifier = ""]) =>
    specifier.startsWith(".")
      ? relative("/", join("/", dirname(file), specifier))
      : specifier.replace(/^((?:@[^/]+\/)?[^/]+).*/, "$1"),
  );
}

function importersOf(name: RegExp): string[] {
  return [...imports].filter(([, all]) => all.some((one) => name.test(one))).map(([file]) => file);
}

test("only lib/cdk and lib/sample import CDK", () => {
  const outside = importersOf(/^(aws-cdk-lib|constructs)$/).filter(
    (file) => !/^(cdk|sample)\//.test(file),
  );
  expect(outside).toEqual([]);
});

test("only lib/middy.ts imports Middy, and only its types", () => {
  expect(importersOf(/^@middy\//)).toEqual(["middy.ts"]);
  const source = readFileSync(join(ROOT, "lib/middy.ts"), "utf8");
  expect(source).toMatch(/^import type .* from "@middy\/core";$/m);
});

test("only lib/dynamodb, the completer and the helpers of tests import the AWS SDK", () => {
  const outside = importersOf(/^@aws-sdk\//).filter((file) => !/^(dynamodb|testing)\//.test(file));
  expect(outside.sort()).toEqual(["completer/complete-abandoned.ts", "completer/handler.ts"]);
});

test("no file outside the helpers of tests imports them: no function deploys them", () => {
  const outside = importersOf(/^testing\//).filter((file) => !file.startsWith("testing/"));
  expect(outside).toEqual([]);
});

test("no file outside the completer imports it: it is a separate function", () => {
  const outside = importersOf(/^completer\//).filter((file) => !file.startsWith("completer/"));
  expect(outside).toEqual([]);
});

test("the protocol knows neither HTTP nor DynamoDB nor Lambda nor Middy nor profiles", () => {
  const foreign = [...imports]
    .filter(([file]) => file.startsWith("protocol/"))
    .flatMap(([file, all]) => all.map((one) => `${file} → ${one}`))
    .filter((line) => !/→ (protocol\/|errors\.ts|observe\.ts|node:crypto)/.test(line));
  expect(foreign).toEqual([]);
});

test("the life cycle of a request knows neither HTTP nor functions nor profiles", () => {
  const foreign = [...imports]
    .filter(([file]) => file.startsWith("invocation/"))
    .flatMap(([file, all]) => all.map((one) => `${file} → ${one}`))
    .filter((line) => /→ (http|value|profiles)\//.test(line));
  expect(foreign).toEqual([]);
});

test("the life cycle reads the profile, and never its name", () => {
  const builtIn = /^profiles\/(ietf|stripe|dwolla|orzcash|dfns|gluwa)\.ts$/;
  const outside = importersOf(builtIn).filter((file) => !file.startsWith("profiles/"));
  // What users import, and the default of an option.
  expect(outside.sort()).toEqual(["index.ts", "settings/settings.ts"]);
  const naming = [...imports.keys()].filter(
    (file) =>
      !/^(profiles|cdk|sample)\//.test(file) &&
      /"(ietf|stripe|dwolla|orzcash|dfns|gluwa)"/.test(
        readFileSync(join(ROOT, "lib", file), "utf8"),
      ),
  );
  expect(naming).toEqual([]);
});

test("no two files import each other, directly or indirectly", () => {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error(`a cycle: ${[...path, file].join(" → ")}`);
    if (finished.has(file)) return;
    for (const one of imports.get(file) ?? []) visit(one, [...path, file]);
    finished.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  expect(finished.size).toBeGreaterThan(30);
});

test("only the defaults of two options and the completer's function read the machine's clock or randomness", () => {
  const matching = (pattern: RegExp) =>
    [...imports.keys()].filter((file) =>
      pattern.test(readFileSync(join(ROOT, "lib", file), "utf8")),
    );
  const readers = /Date\.now|new Date|Math\.random|performance\.now|randomUUID\b.*node:crypto/;
  expect(matching(readers).sort()).toEqual([
    "completer/handler.ts",
    "protocol/clock.ts",
    "settings/settings.ts",
  ]);
  // The store ends calls that take too long; nothing is decided by how long one took.
  expect(matching(/setTimeout/)).toEqual(["dynamodb/send.ts", "protocol/clock.ts"]);
});

test("no unit test imports anything that starts a process, an engine, a build or a synthesis", () => {
  const isOther = new RegExp(`${INTEGRATION_TESTS}|${PROOF_TESTS}`);
  const unitTests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file}`)
    .filter((file) => file.endsWith(".test.ts") && !isOther.test(`/${file}`));
  expect(unitTests.length).toBeGreaterThan(80);
  const starting =
    /^(node:(child_process|cluster|worker_threads)|aws-cdk(-lib)?\b.*|esbuild|(local|bench)\/.*|proof\/(?!kit\/).*)$/;
  const wrong = unitTests.flatMap((file) => {
    const [found] = [...reachableFrom(ROOT, file)].filter((one) => starting.test(one));
    return found === undefined
      ? []
      : `${file} imports ${found}: call it *.integration.test.ts, or move it (test/sets.ts).`;
  });
  expect(wrong).toEqual([]);
});

test("every folder of integration tests is there", () => {
  const missing = INTEGRATION_FOLDERS.filter((folder) => !existsSync(join(ROOT, "test", folder)));
  expect(missing).toEqual([]);
});

test("no file of lib/ is over 300 lines", () => {
  const long = [...imports.keys()].filter(
    (file) => readFileSync(join(ROOT, "lib", file), "utf8").split("\n").length - 1 > 300,
  );
  expect(long).toEqual([]);
});

test("ARCHITECTURE.md names every file at the top of lib/ and every directory, and no missing file", () => {
  const architecture = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const [, map = ""] = /## The map\n(.*?)\n## /s.exec(architecture) ?? [];
  const named = [...map.matchAll(/`([\w/.-]+)`/g)].map(([, name = ""]) => name);
  const rooms = ["bench/", "bin/", "examples/", "lambda/", "local/", "proof/", "release/", "test/"];
  const files = readdirSync(join(ROOT, "lib"), { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `lib/${entry.name}/` : entry.name,
  );
  const unnamed = [...rooms, ...files].filter(
    (file) => !named.includes(file) && !named.includes(`lib/${file}`),
  );
  expect(unnamed).toEqual([]);
  const homes = [
    ".",
    "lib",
    "test",
    "lib/invocation",
    "lib/protocol",
    "lib/http",
    "lib/http/surface",
    "lib/value",
    "lib/batch",
    "lib/dynamodb",
    "lib/testing",
    "release",
    "lambda",
    "bench",
    "proof",
  ];
  const exists = (file: string) => homes.some((home) => existsSync(join(ROOT, home, file)));
  expect(named.filter((name) => !exists(name) && !exists(`${name}.ts`))).toEqual([]);
});

test.each([
  ["README.md", "transfers.ts"],
  ["docs/middlewares.md", "browser.ts"],
])("%s shows the tested example", (document, name) => {
  const example = readFileSync(join(ROOT, "examples", name), "utf8");
  expect(readFileSync(join(ROOT, document), "utf8")).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test("every example names its operation, on which its keys depend for ever", () => {
  const names = readdirSync(join(ROOT, "examples"), { recursive: true, encoding: "utf8" });
  const examples = names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ name, source: readFileSync(join(ROOT, "examples", name), "utf8") }));
  const careless = examples.filter(
    ({ source }) => /\bidempoten(t|cy)(<\w+>)?\(/.test(source) && !/\boperation\b/.test(source),
  );
  expect(careless.map(({ name }) => name)).toEqual([]);
});

/** Subjects without a noun: the reader has to find out what they stand for. */
const PRONOUNS =
  /\b(what|whatever|who|whoever|whose|somebody|nobody|anybody|everybody|that of|those of)\b/gi;

/** The prose of a file: the comments of code, the text of documents without their examples. */
function proseOf(file: string): string {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (file.endsWith(".md")) return text.replaceAll(/```.*?```/gs, "");
  const comments = text.matchAll(/\/\*.*?\*\/|(?<![:"'`\w])\/\/[^\n]*/gs);
  return [...comments].map(([comment]) => comment).join("\n");
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|md|pml)$/.test(file) && !/(^|\/)(node_modules|api)\//.test(file))
    .map((file) => join(folder, file));
}

test.each([
  ...["bench", "docs", "lambda", "lib", "local", "proof", "release", "test"].map(
    (folder): [string, string[]] => [`${folder}/`, filesIn(folder)],
  ),
  ...["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"].map(
    (file): [string, string[]] => [file, [file]],
  ),
])("%s is written with nouns: fewer than 3 pronoun subjects in 1,000 words", (_name, files) => {
  const prose = files.map(proseOf).join("\n");
  const words = prose.match(/[A-Za-z][\w'-]*/g) ?? [];
  const pronouns = prose.match(PRONOUNS) ?? [];
  expect((pronouns.length / words.length) * 1_000).toBeLessThan(3);
});

test.each([
  [
    "lib",
    "batch cdk checks completer dynamodb http invocation profiles protocol sample settings testing value",
  ],
  ["lambda", "accounts auth http ledger payouts transfers vendors"],
  ["proof", "chaos killpoints kit model mutation simulate"],
])("the rooms of %s/ have the names of the map", (house, rooms) => {
  const folders = readdirSync(join(ROOT, house), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.sort()).toEqual(rooms.split(" "));
});

/** From the faces to the heart: a file imports from its own layer and those behind it. */
const LAYERS: readonly (readonly string[])[] = [
  ["sample"],
  ["cdk", "completer"],
  [
    "index.ts",
    "idempotent.ts",
    "idempotent-function.ts",
    "idempotent-batch.ts",
    "middy.ts",
    "middy-commonjs.ts",
    "memory.ts",
    "testing",
  ],
  ["batch"],
  ["http/surface", "value"],
  ["invocation", "settings", "context.ts", "options.ts"],
  ["dynamodb", "profiles", "http"],
  ["checks", "protocol", "observe.ts", "errors.ts"],
];

test("imports run one way, from the faces to the heart", () => {
  const layerOf = (file: string) => {
    const [room = "", part = ""] = file.split("/");
    const inner = LAYERS.findIndex((layer) => layer.includes(`${room}/${part}`));
    return inner < 0 ? LAYERS.findIndex((layer) => layer.includes(room)) : inner;
  };
  expect([...imports.keys()].filter((file) => layerOf(file) < 0)).toEqual([]);
  const backwards = [...imports].flatMap(([file, all]) =>
    all
      .filter((one) => imports.has(one) && layerOf(one) < layerOf(file))
      .map((one) => `${file} → ${one}`),
  );
  expect(backwards).toEqual([]);
});

test("docs/profiles.md lists every case of the four APIs, with the tests that show it", () => {
  const shown = new Set<string>();
  for (const folder of ["e2e", "clients", "profiles"]) {
    for (const file of readdirSync(join(ROOT, "test", folder))) {
      if (!file.endsWith(".ts")) continue;
      const source = readFileSync(join(ROOT, "test", folder, file), "utf8");
      for (const [, cases = ""] of source.matchAll(/["`]((?:[DGOW]\d+(?:, )?)+): /g)) {
        for (const one of cases.split(", ")) shown.add(`${one} in test/${folder}/${file}`);
      }
    }
  }
  const profiles = readFileSync(join(ROOT, "docs/profiles.md"), "utf8");
  const [, table = ""] = /<!-- cases -->(.*?)<!-- \/cases -->/s.exec(profiles) ?? [];
  const listed = [...table.matchAll(/^\| (\w+) \| .* \| (.*) \|$/gm)].flatMap(
    ([, one, tests = ""]) =>
      [...tests.matchAll(/\.\.\/([\w/.-]+)/g)].map(([, file]) => `${one} in ${file}`),
  );
  expect(listed.sort()).toEqual([...shown].sort());
  const numbers = (letter: string) =>
    new Set(listed.filter((line) => line.startsWith(letter)).map((line) => line.split(" ")[0]))
      .size;
  expect(["D", "G", "O", "W"].map(numbers)).toEqual([14, 12, 14, 11]);
});
