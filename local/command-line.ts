import type { CloudOptions } from "./cloud.ts";
import { readChoice, readOptions, readWholeNumber, UsageError } from "./process/command-line.ts";

const USAGE = `Options:
  --port N          port of the HTTP API (default 3000)
  --engine NAME     dynoxide, dynamodb-local or in-memory (default: the first that can start)
  --endpoint URL    use the DynamoDB engine that runs there (default AWS_ENDPOINT_URL_DYNAMODB)
  --runner NAME     aws-lambda-ric or in-process (default: AWS's runtime client where it is built)
  --verbose         write the logs of the functions`;

/**
 * Reads the command line of `npm start` and `npm run demo`.
 *
 * @throws UsageError for an unknown option or a wrong value; its message lists the options.
 */
export function readCommandLine(args: string[]): Omit<CloudOptions, "assembly"> {
  const { port, engine, endpoint, runner, verbose } = readOptions(args, OPTIONS, USAGE);
  return {
    ...(port !== undefined && { port: readWholeNumber("--port", port, USAGE, { most: 65_535 }) }),
    ...(engine !== undefined && { engine: readChoice("--engine", engine, ENGINES, USAGE) }),
    ...(endpoint !== undefined && { endpoint: readUrl(endpoint) }),
    ...(runner !== undefined && { runner: readChoice("--runner", runner, RUNNERS, USAGE) }),
    ...(verbose && { verbose }),
  };
}

const ENGINES = ["dynoxide", "dynamodb-local", "in-memory"] as const;
const RUNNERS = ["aws-lambda-ric", "in-process"] as const;

const OPTIONS = {
  port: { type: "string" },
  engine: { type: "string" },
  endpoint: { type: "string" },
  runner: { type: "string" },
  verbose: { type: "boolean" },
} as const;

function readUrl(text: string): string {
  if (URL.canParse(text)) return text;
  throw new UsageError(
    `--endpoint must be a URL such as http://127.0.0.1:8000, not ${text}.\n${USAGE}`,
  );
}
