import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { synthesize as synthesizeSample } from "../../local/synth.ts";

/** The assembly that `bin/app.ts` has synthesized. */
export interface Synthesis {
  readonly template: CloudFormationTemplate;
  /** The findings of the validators, per plugin with findings. */
  readonly findings: readonly unknown[];
}

/** The parts of a template that the tests resolve by themselves. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, CloudFormationResource>>;
}

export interface CloudFormationResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of any type of resource.
  readonly Properties: any;
}

/** The stack as `npm start` runs it, which is synthesized once for all tests. */
export async function synthesize(): Promise<Synthesis> {
  return readSynthesis(await synthesizeSample());
}

/**
 * Runs the app without the CLI, an account or a network, and from a directory that is not the
 * repository's. Nothing is bundled.
 *
 * @param context the CLI's `--context`.
 */
export function synthesizeWith(context: Record<string, string>): Synthesis {
  const directory = mkdtempSync(join(tmpdir(), "transfer-stack-"));
  try {
    execFileSync(process.execPath, [fileURLToPath(new URL("../../bin/app.ts", import.meta.url))], {
      cwd: tmpdir(),
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify({ "aws:cdk:bundling-stacks": [], ...context }),
      },
      stdio: "pipe",
    });
    return readSynthesis(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readSynthesis(directory: string): Synthesis {
  const read = (file: string) => JSON.parse(readFileSync(join(directory, file), "utf8"));
  return {
    template: read("TransferStack.template.json"),
    findings: read("validation-report.json").pluginReports,
  };
}
