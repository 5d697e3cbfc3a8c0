import { dynamoDbLocal } from "./engine/dynamodb-local.ts";
import { dynoxide } from "./engine/dynoxide.ts";
import { type EngineProgram, startProgram } from "./engine/program.ts";

/** The engines that the local cloud can start by itself. */
export type EngineName = "dynoxide" | "dynamodb-local";

/** A running DynamoDB engine, empty unless somebody else runs it. */
export type Engine = {
  /** `dynoxide`, `dynamodb-local`, or `external` for one that was running already. */
  name: EngineName | "external";
  /** Its URL, for the `endpoint` of an SDK client. */
  endpoint: string;
  /** Ends it, with its data; an external engine is left as it is. */
  close(): Promise<void>;
};

export type EngineOptions = {
  /** Forces this engine. @default the first that can start: Dynoxide, then DynamoDB Local */
  engine?: EngineName;
  /** Uses the engine at this URL. @default AWS_ENDPOINT_URL_DYNAMODB, unless `engine` is given */
  endpoint?: string;
  /** Port of the started engine. @default any free one */
  port?: number;
};

const programs: Record<EngineName, EngineProgram> = {
  dynoxide,
  "dynamodb-local": dynamoDbLocal,
};

/**
 * Picks a DynamoDB engine and starts it in memory.
 *
 * @throws when the forced engine (or each of them) cannot start here, saying what to install.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const endpoint =
    options.endpoint ?? (options.engine ? undefined : process.env.AWS_ENDPOINT_URL_DYNAMODB);
  if (endpoint) return { name: "external", endpoint, close: async () => {} };

  const name = options.engine ?? firstThatCanStart();
  const missing = missingEngine(name);
  if (missing) throw new Error(missing);
  return { name, ...(await startProgram(programs[name], options.port)) };
}

/** Why this engine cannot start on this machine and what to do about it; nothing when it can. */
export function missingEngine(name: EngineName): string | undefined {
  return programs[name].missing();
}

function firstThatCanStart(): EngineName {
  const names = Object.keys(programs) as EngineName[];
  const name = names.find((candidate) => !missingEngine(candidate));
  if (name) return name;
  throw new Error(
    [
      "No DynamoDB engine can start on this machine.",
      ...names.map((candidate) => `- ${missingEngine(candidate)}`),
      "Or set AWS_ENDPOINT_URL_DYNAMODB to the URL of one that is running.",
    ].join("\n"),
  );
}
