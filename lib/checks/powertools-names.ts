const KEY =
  "keyAttributes, of the store: dynamoDbStore({ keyAttributes: { partitionKey, sortKey: { name, value } } })";

function attribute(name: string): string {
  return `attributes, of the store: dynamoDbStore({ attributes: { ${name}: … } })`;
}

/** The option of this library, by Powertools' name for it. */
const ADVICE: Readonly<Record<string, string>> = {
  expiresAfterSeconds: "retention, of the profile: dwolla({ retention: { seconds, from } })",
  eventKeyJmesPath: "keyFrom, of the profile: dwolla({ keyFrom: [{ header }, { pointer }] })",
  payloadValidationJmesPath:
    "fingerprint, of the profile: dwolla({ fingerprint: { …, body: { include: [pointer] } } })",
  throwOnNoIdempotencyKey: 'missingKey, of the profile: dwolla({ missingKey: "refuse" })',
  raiseOnNoIdempotencyKey: 'missingKey, of the profile: dwolla({ missingKey: "refuse" })',
  persistenceStore: "store: dynamoDbStore({ tableName })",
  persistenceLayer: "store: dynamoDbStore({ tableName })",
  keyPrefix: "operation, a name that keeps keys apart",
  useLocalCache: "cache: {}",
  maxLocalCacheSize: "cache: { maxEntries }",
  localCacheMaxItems: "cache: { maxEntries }",
  hashFunction: "secret, which makes HMACs of the SHA-256 digests",
  awsSdkV3Client: "client, of the store: dynamoDbStore({ tableName, client })",
  clientConfig: "client, of the store: dynamoDbStore({ client: boundedClient(config) })",
  keyAttr: KEY,
  sortKeyAttr: KEY,
  staticPkValue: KEY,
  statusAttr: attribute("state"),
  expiryAttr: attribute("expiresAt"),
  inProgressExpiryAttr: attribute("leaseUntil"),
  dataAttr: attribute("response"),
  validationKeyAttr: attribute("fingerprint"),
  jmesPathOptions: "JSON pointers, in keyFrom and fingerprint",
  config: "in the options of the function and of the profile, by their names",
  lambdaContext: "not needed: the handler's context is used",
  dataIndexArgument: "not needed: the event is the first argument",
  responseHook: "a hook of Middy around the wrapper: middy(idempotent(handler, options)).after(…)",
};

const ADVICE_BY_PLAIN_NAME = new Map(
  Object.entries(ADVICE).map(([name, ours]) => [name.toLowerCase(), ours]),
);

/**
 * Advises the option to use in place of one of Powertools for AWS. Powertools for other languages
 * writes the same names with underscores.
 *
 * @returns `undefined` if Powertools has no option of this name.
 */
export function advisePowertoolsName(name: string): string | undefined {
  const plain = name.replaceAll("_", "").toLowerCase();
  const ours = ADVICE_BY_PLAIN_NAME.get(plain);
  return ours && `Powertools uses this name; here it is ${ours}.`;
}
