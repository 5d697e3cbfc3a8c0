const PROFILE = {
  expiresAfterSeconds:
    'retention, of the profile: dwolla({ retention: { seconds: 86_400, from: "completion" } })',
  eventKeyJmesPath:
    'keyFrom, of the profile: dwolla({ keyFrom: [{ header: "Idempotency-Key" }] }), or [{ pointer: "/orderId" }] for a member of the body',
  payloadValidationJmesPath:
    'fingerprint, of the profile: dwolla({ fingerprint: { method: true, path: true, query: true, body: { include: ["/amount"] } } })',
  throwOnNoIdempotencyKey: 'onMissing, of the profile: dwolla({ onMissing: "refuse" })',
};

const FUNCTION = {
  persistenceStore: 'store: dynamoDbStore({ tableName: "…" })',
  keyPrefix: 'operation: "…", a name that keeps keys apart',
  useLocalCache: "cache: {}",
  maxLocalCacheSize: "cache: { maxEntries: 256 }",
};

const STORE = {
  awsSdkV3Client: "client, of the store: dynamoDbStore({ tableName, client })",
  clientConfig:
    "client, of the store: dynamoDbStore({ tableName, client: boundedClient({ region: … }) })",
};

const ATTRIBUTES = [
  ...["keyAttr", "sortKeyAttr", "staticPkValue", "statusAttr", "expiryAttr"],
  ...["inProgressExpiryAttr", "dataAttr", "validationKeyAttr"],
];

const TABLE =
  "a matter of the store, dynamoDbStore({ … }), which knows the attributes of its table";

/** What there is no option for, and why. */
const NOTHING = {
  config:
    "There is no such object here: what it holds are options of the function and of the profile, by their own names.",
  lambdaContext: "It is not needed: the context of the handler is used.",
  dataIndexArgument: "It is not needed: the first argument, the event, is read.",
  hashFunction: "Digests are SHA-256; give secret to make HMACs of them.",
  jmesPathOptions: "There is no JMESPath here: keyFrom and fingerprint take JSON pointers.",
  responseHook:
    "To change what repeats get, use a hook of Middy around the wrapper: middy(idempotent(handler, options)).after(…) runs on replays too.",
};

/** Names that the other languages' versions have in place of TypeScript's. */
const ALIASES = {
  raiseOnNoIdempotencyKey: "throwOnNoIdempotencyKey",
  localCacheMaxItems: "maxLocalCacheSize",
  persistenceLayer: "persistenceStore",
} as const;

const CALLED = { ...PROFILE, ...FUNCTION, ...STORE };

/**
 * What to write in place of an option of Powertools for AWS, by its name in lower case and without
 * underscores, as its versions for other languages write the same names.
 */
export const POWERTOOLS_NAMES: ReadonlyMap<string, string> = new Map(
  [
    ...Object.entries(CALLED).map(([name, ours]) => [name, called(ours)] as const),
    ...Object.entries(ALIASES).map(([alias, name]) => [alias, called(CALLED[name])] as const),
    ...ATTRIBUTES.map((name) => [name, called(TABLE)] as const),
    ...Object.entries(NOTHING).map(([name, why]) => [name, `Powertools has it. ${why}`] as const),
  ].map(([name, advice]) => [name.toLowerCase(), advice]),
);

function called(ours: string): string {
  return `Powertools calls it so; here it is ${ours}.`;
}
