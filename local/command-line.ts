import { parseArgs } from "node:util";
import type { CloudOptions } from "./cloud.ts";

const USAGE = `Options:
  --port N          port of the HTTP API (default 3000)
  --engine NAME     dynoxide, dynamodb-local or in-memory (default: the first that can start)
  --endpoint URL    use the DynamoDB engine that runs there (default AWS_ENDPOINT_URL_DYNAMODB)
  --runner NAME     aws-lambda-ric or in-process (default: AWS's runtime client where it is built)
  --verbose         write the logs of the functions`;

/**
 * Reads the command line of `npm start` and `npm run demo`.
 *
 * @throws for an unknown option or an invalid value, with the list of options.
 */
export function readCommandLine(args: string[]): Omit<CloudOptions, "assembly"> {
  const { port, engine, endpoint, runner, verbose } = parse(args);
  return {
    ...(port !== undefined && { port: readPort(port) }),
    ...(engine !== undefined && { engine: readName("--engine", engine, ENGINES) }),
    ...(endpoint !== undefined && { endpoint: readUrl(endpoint) }),
    ...(runner !== undefined && { runner: readName("--runner", runner, RUNNERS) }),
    ...(verbose && { verbose }),
  };
}

const ENGINES = ["dynoxide", "dynamodb-local", "in-memory"] as const;
const RUNNERS = ["aws-lambda-ric", "in-process"] as const;

function parse(args: string[]) {
  const options = {
    port: { type: "string" },
    engine: { type: "string" },
    endpoint: { type: "string" },
    runner: { type: "string" },
    verbose: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port must be a number from 0 to 65535, not ${text}.\n${USAGE}`);
}

function readUrl(text: string): string {
  if (URL.canParse(text)) return text;
  throw new Error(`--endpoint must be a URL such as http://127.0.0.1:8000, not ${text}.\n${USAGE}`);
}

function readName<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found) return found;
  throw new Error(`${option} must be ${names.join(" or ")}, not ${text}.\n${USAGE}`);
}
