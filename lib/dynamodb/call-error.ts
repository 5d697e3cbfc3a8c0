import type { TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { CommitError, ConfigurationError, RecordError, StoreError } from "../errors.ts";
import { facts, judgeFailure } from "./failure.ts";
import { expectedKey, type TableLayout } from "./layout.ts";

/** The table and the client of a call, for messages. */
export interface Target {
  readonly layout: TableLayout;
  readonly client: object;
}

/**
 * The error for a failed call. It names the cause, because an operator needs it to mend a name or a
 * permission. A failure that no retry mends is no `StoreError`: clients would come back for ever.
 */
export async function callError(target: Target, cause: unknown): Promise<Error> {
  if (cause instanceof RecordError) return cause;
  const { layout } = target;
  const { name, message, $metadata } = facts(cause);
  if (name === "ValidationException" && !isAboutKey(String(message))) {
    return new RecordError(
      `DynamoDB table "${layout.tableName}" refused a write of a record as invalid: ${message} Is the table used by something else as well?`,
    );
  }
  if (isWithoutRegion(message)) {
    return misconfigured(
      `a request to the table "${layout.tableName}" could not be sent: ${message}. ${MISSING_REGION}`,
      cause,
    );
  }
  const advice = ADVICE[String(name)]?.(layout, message);
  if (advice !== undefined) {
    const where = await describePlace(target.client);
    return misconfigured(
      `DynamoDB refused a request to the table "${layout.tableName}"${where}: ${name}: ${message}. ${advice}`,
      cause,
    );
  }
  const failure = judgeFailure(cause);
  const isAnswered = failure !== "unanswered" || $metadata?.httpStatusCode !== undefined;
  const did = isAnswered ? "did not carry the request out" : "did not answer";
  return new StoreError(
    `DynamoDB table "${layout.tableName}" ${did}: ${name}: ${message}`,
    cause,
    failure,
  );
}

/** Advice about errors that stay until the deployment is changed. */
const ADVICE: Record<string, (layout: TableLayout, message: unknown) => string> = {
  ResourceNotFoundException: () => MISSING_TABLE,
  ValidationException: keyAdvice,
  AccessDeniedException: () =>
    "Grant it: IdempotencyTable.grantClaims(fn), with { read: true } where records are read.",
};

/** The advice about a missing table. */
const MISSING_TABLE =
  "Does the table exist, in this account and in this Region? A client asks one Region only; tables in others are not found.";

/** Any other invalid request is invalid because of the content of the record. */
function isAboutKey(message: string): boolean {
  return /\b(?:key|keys|schema)\b/i.test(message);
}

/** The SDK then refuses to send anything, with an error that has no name of its own. */
function isWithoutRegion(message: unknown): boolean {
  return message === "Region is missing";
}

const MISSING_REGION = "Give the client a Region, or set AWS_REGION, which Lambda sets by itself.";

function keyAdvice(layout: TableLayout, message?: unknown): string {
  if (/\bindex key\b/i.test(String(message))) return indexAdvice(layout);
  return `Expected: ${expectedKey(layout)}. For a table with another key give dynamoDbStore (and IdempotencyTable) the option keyAttributes.`;
}

/**
 * An index that the table's owner has added, with a key that is an attribute of records, but of another
 * type.
 */
function indexAdvice({ names }: TableLayout): string {
  return `An index of the table has an attribute of the records as its key. The index of IdempotencyTable has "${names.get("function")}", a string, and "${names.get("due")}", a number; with other indexes give dynamoDbStore (and IdempotencyTable) the option attributes.`;
}

/** The error for a commit that can never be applied as it is. */
export async function commitError(
  { layout, client }: Target,
  { TransactItems = [] }: TransactWriteItemsCommandInput,
  message: string,
  cause: unknown,
): Promise<CommitError> {
  const isMissing = facts(cause).name === "ResourceNotFoundException";
  // The record is the first write, so a message about it that names a key is about its key.
  const isOfRecord = message.startsWith("the record: ") && isAboutKey(message);
  if (!isMissing && !isOfRecord) return new CommitError(`commit: ${message}`, cause);
  const written = TransactItems.flatMap((write) => Object.values(write))
    .map((part) => `"${part.TableName}"`)
    .filter((name, index, all) => all.indexOf(name) === index);
  const tables = isMissing ? written : [`"${layout.tableName}"`];
  const advice = isMissing ? MISSING_TABLE : keyAdvice(layout, message);
  const where = await describePlace(client);
  return new CommitError(
    `commit: ${message}. The transaction was for ${tables.join(", ")}${where}. ${advice}`,
    cause,
  );
}

function misconfigured(message: string, cause: unknown): ConfigurationError {
  return Object.assign(new ConfigurationError(`idempotency: ${message}`), { cause });
}

/**
 * The address of a client's requests, as far as it tells: " in eu-central-1
 * (http://127.0.0.1:8000)".
 */
async function describePlace(client: object): Promise<string> {
  const { region, endpoint } = (client as { readonly config?: ClientConfig }).config ?? {};
  const regionName = await readSetting(region);
  const url = describeUrl(await readSetting(endpoint));
  const inRegion = typeof regionName === "string" ? ` in ${regionName}` : "";
  return `${inRegion}${url === undefined ? "" : ` (${url})`}`;
}

interface ClientConfig {
  readonly region?: unknown;
  readonly endpoint?: unknown;
}

interface Endpoint {
  readonly protocol?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
}

/**
 * A setting that a message mentions must not fail in place of the error that the message is about.
 */
async function readSetting(setting: unknown): Promise<unknown> {
  try {
    return typeof setting === "function" ? await setting() : setting;
  } catch {
    return undefined;
  }
}

function describeUrl(endpoint: unknown): string | undefined {
  const { protocol, hostname, port } = Object(endpoint) as Endpoint;
  if (typeof hostname !== "string") return undefined;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}
