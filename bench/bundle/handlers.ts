/** The compared handlers. Each is a whole Lambda function, as a user writes it. */

const CREATE_TRANSFER = `
const createTransfer = async () => ({ statusCode: 201, body: '{"status":"created"}' });`;

const MIDDY = `import middy from "@middy/core";`;

const BARE_SDK = `
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export const commands = [GetItemCommand, TransactWriteItemsCommand, UpdateItemCommand].map((Command) => () => client.send(new Command({})));`;

const POWERTOOLS = `
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware";
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: "records" });
const config = new IdempotencyConfig({
  eventKeyJmesPath: 'headers."idempotency-key"',
  payloadValidationJmesPath: "body",
  throwOnNoIdempotencyKey: true,
});`;

const DYNAMODB = `
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
const store = dynamoDbStore({ tableName: "records" });`;

const MEMORY = `
import { memoryStore } from "lambda-idempotency";
const store = memoryStore();`;

const TENANT = "const tenant = (event) => event.requestContext.authorizer.jwt.claims.sub;";

/** A handler in our wrapper. */
const wrapper = (store: string) => `
import { idempotent } from "lambda-idempotency";${store}${CREATE_TRANSFER}
${TENANT}
export const handler = idempotent(createTransfer, { store, tenant });`;

/** A handler under our middleware that imports these profiles and uses the first. */
const middleware = (store: string, ...profiles: string[]) => `${MIDDY}
import { idempotency } from "lambda-idempotency/middy";
${profiles.length > 0 ? `import { ${profiles.join(", ")} } from "lambda-idempotency";` : ""}${store}${CREATE_TRANSFER}
${TENANT}
export const profiles = [${profiles}];
const profile = ${profiles.length > 0 ? "profiles[0]()" : "undefined"};
export const handler = middy().use(idempotency({ store, tenant, profile })).handler(createTransfer);`;

const PROFILES = ["ietf", "stripe", "dwolla", "orzcash", "gluwa", "dfns"];

/** The sources of the handlers, by their parts. */
export const HANDLERS = {
  "Middy alone": `${MIDDY}${CREATE_TRANSFER}
export const handler = middy().handler(createTransfer);`,
  "Middy and the bare SDK": `${MIDDY}${BARE_SDK}${CREATE_TRANSFER}
export const handler = middy().handler(createTransfer);`,
  "Powertools: wrapper": `${POWERTOOLS}${CREATE_TRANSFER}
export const handler = makeIdempotent(createTransfer, { persistenceStore, config });`,
  "Powertools: Middy": `${MIDDY}${POWERTOOLS}${CREATE_TRANSFER}
export const handler = middy().use(makeHandlerIdempotent({ persistenceStore, config })).handler(createTransfer);`,
  "ours: wrapper, memory store": wrapper(MEMORY),
  "ours: wrapper, DynamoDB": wrapper(DYNAMODB),
  "ours: Middy, memory store": middleware(MEMORY),
  "ours: Middy, DynamoDB": middleware(DYNAMODB),
  "ours: Middy, DynamoDB, stripe()": middleware(DYNAMODB, "stripe"),
  "ours: Middy, DynamoDB, dwolla()": middleware(DYNAMODB, "dwolla"),
  "ours: Middy, DynamoDB, orzcash()": middleware(DYNAMODB, "orzcash"),
  "ours: Middy, DynamoDB, gluwa()": middleware(DYNAMODB, "gluwa"),
  "ours: Middy, DynamoDB, dfns()": middleware(DYNAMODB, "dfns"),
  "ours: Middy, DynamoDB, six profiles": middleware(DYNAMODB, ...PROFILES),
} as const;

export type HandlerName = keyof typeof HANDLERS;

export const HANDLER_NAMES = Object.keys(HANDLERS) as HandlerName[];
