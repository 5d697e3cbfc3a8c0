import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));

/** A project outside of this repository that installs the packed package from npm's registry. */
export interface Project {
  readonly folder: string;
  /** Copies a file of the fixtures to a path in the project. */
  add(fixture: string, path: string): void;
  /** Installs the package, with others as `name@range`, and returns the installed version of each. */
  install(...packages: readonly string[]): string;
  /**
   * Runs a program in the project.
   * @returns its output, of both streams.
   * @throws with the output, when it fails.
   */
  run(command: string, ...args: readonly string[]): string;
}

/** @param manifest the package.json; without it the folder has one. */
export function createProject(folder: string, tarball: string, manifest?: object): Project {
  mkdirSync(folder, { recursive: true });
  if (manifest !== undefined) {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest }));
  }
  const run = (command: string, ...args: readonly string[]) => {
    const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      env: environment(),
    });
    const output = `${stdout}${stderr}`;
    if (status === 0) return output;
    const end = error?.message ?? signal ?? `exit status ${status}`;
    throw new Error(`${[command, ...args].join(" ")} ended with ${end} in ${folder}:\n${output}`);
  };
  return {
    folder,
    add(fixture, path) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(FIXTURES, fixture), join(folder, path));
    },
    install(...packages) {
      run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", tarball, ...packages);
      return packages.map((one) => describeVersion(folder, one)).join(", ");
    },
    run,
  };
}

/** Neither npm's own variables nor a loader of this repository reach the project. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS)/i.test(name));
  return { ...Object.fromEntries(kept), CDK_DISABLE_CLI_TELEMETRY: "true" };
}

function describeVersion(folder: string, wanted: string): string {
  const [name = wanted] = /^@?[^@]+/.exec(wanted) ?? [];
  const manifest = join(folder, "node_modules", name, "package.json");
  return `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
}
