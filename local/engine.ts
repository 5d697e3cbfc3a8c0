import { dynamoDbLocal } from "./engine/dynamodb-local.ts";
import { dynoxide } from "./engine/dynoxide.ts";
import { startInMemoryEngine } from "./engine/in-memory.ts";
import { type EngineProgram, startProgram } from "./engine/program.ts";

/** The engines that the local cloud can start by itself. */
export type EngineName = ProgramName | "in-memory";

/** Those that others have written. */
export type ProgramName = "dynoxide" | "dynamodb-local";

/** A running DynamoDB engine, empty unless somebody else runs it. */
export type Engine = {
  /** `dynoxide`, `dynamodb-local`, `in-memory`, or `external` for one that was running already. */
  name: EngineName | "external";
  /** Its URL, for the `endpoint` of an SDK client. */
  endpoint: string;
  /** Ends it, with its data; an external engine is left as it is. */
  close(): Promise<void>;
};

export type EngineOptions = {
  /** Forces this engine. @default the first that can start: Dynoxide, DynamoDB Local, in-memory */
  engine?: EngineName;
  /** Uses the engine at this URL. @default AWS_ENDPOINT_URL_DYNAMODB, unless `engine` is given */
  endpoint?: string;
  /** Port of the started engine. @default any free one */
  port?: number;
  /** Takes the line that says that no other engine than the last resort can start. @default console.error */
  log?(line: string): void;
};

const programs: Record<ProgramName, EngineProgram> = {
  dynoxide,
  "dynamodb-local": dynamoDbLocal,
};

const LAST_RESORT =
  "No native engine and no Java here: the records are kept by an in-memory engine of this " +
  "repository, for trying things out.";

/**
 * Picks a DynamoDB engine and starts it in memory.
 *
 * @throws when the forced engine cannot start here, with the package or program to install.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const endpoint =
    options.endpoint ?? (options.engine ? undefined : process.env.AWS_ENDPOINT_URL_DYNAMODB);
  if (endpoint) return { name: "external", endpoint, close: async () => {} };

  const name = options.engine ?? firstThatCanStart();
  if (name === "in-memory") {
    if (!options.engine) (options.log ?? console.error)(LAST_RESORT);
    return { name, ...(await startInMemoryEngine(options.port)) };
  }
  const missing = missingEngine(name);
  if (missing) throw new Error(missing);
  return { name, ...(await startProgram(programs[name], options.port)) };
}

/** Why this engine cannot start on this machine and what to do about it; nothing when it can. */
export function missingEngine(name: EngineName): string | undefined {
  return name === "in-memory" ? undefined : programs[name].missing();
}

function firstThatCanStart(): EngineName {
  const names = Object.keys(programs) as ProgramName[];
  return names.find((name) => !missingEngine(name)) ?? "in-memory";
}
