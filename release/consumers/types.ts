import { join } from "node:path";
import type { Consumer } from "./consumer.ts";
import type { Project } from "./project.ts";

const COMPILERS = ["5.4", "5.9", "6", "7"];

/** Each way in which a compiler finds a package, with the files that it can compile. */
const MODES = [
  {
    name: "commonjs",
    // Before TypeScript 6 it does not know `exports`.
    options: ["--module", "commonjs"],
    files: ["lib/transfers.ts", "constructs.ts"],
  },
  {
    name: "node16",
    options: ["--module", "node16"],
    files: ["lib/transfers.ts", "constructs.ts", "middleware.mts", "refused.cts"],
  },
  {
    name: "nodenext",
    options: ["--module", "nodenext"],
    files: ["lib/transfers.ts", "constructs.ts", "middleware.mts", "refused.cts"],
  },
  {
    name: "bundler",
    options: ["--module", "esnext", "--moduleResolution", "bundler"],
    files: ["lib/transfers.ts", "constructs.ts", "middleware.mts"],
  },
];

const STRICT = ["--strict", "--exactOptionalPropertyTypes", "--target", "es2022"];
const COMMON = [...STRICT, "--noEmit", "--types", "node"];

/** The package's types in TypeScript from 5.4 on. */
export const TYPES: Consumer = {
  name: "types",
  run(createProject, report) {
    const project = createProject({ type: "commonjs" });
    for (const file of ["constructs.ts", "middleware.mts", "refused.cts"]) {
      project.add(`types/${file}`, file);
    }
    project.add("transfers.ts", "lib/transfers.ts");
    const aliases = COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`);
    report(
      project.install(
        ...aliases,
        "@types/node@22",
        "@aws-sdk/client-dynamodb",
        "@aws-sdk/util-dynamodb",
        "@middy/core@7",
        "aws-cdk-lib@2",
        "constructs@10",
      ),
    );
    for (const version of COMPILERS) {
      const compiler = join("node_modules", `typescript-${version}`, "bin", "tsc");
      for (const { options, files } of MODES) {
        const args = [compiler, ...COMMON, "--skipLibCheck", ...options, ...files];
        project.run(process.execPath, ...args);
      }
      report(`TypeScript ${version}: ${MODES.map(({ name }) => name).join(", ")}`);
      const others = checkLibraries(project, compiler);
      report(`TypeScript ${version} without skipLibCheck: ${others} faults, all in other packages`);
    }
  },
};

/**
 * Checks the files of types as well, but for those of CDK, which take minutes.
 *
 * @returns the number of faults in the types of other packages.
 * @throws if the package's own types have a fault.
 */
function checkLibraries(project: Project, compiler: string): number {
  const args = [compiler, ...COMMON, "--module", "nodenext", "lib/transfers.ts", "middleware.mts"];
  try {
    project.run(process.execPath, ...args);
    return 0;
  } catch (error) {
    const faults = String(error).match(/^node_modules.*error TS.*$/gm) ?? [];
    const isOwn = (fault: string) => fault.startsWith("node_modules/lambda-idempotency/");
    if (faults.length === 0 || faults.some(isOwn)) throw error;
    return faults.length;
  }
}
