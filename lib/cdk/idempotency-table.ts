import { RemovalPolicy, Token } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { isName } from "../checks/scope-name.ts";
import { DUE_INDEX } from "../dynamodb/abandoned.ts";
import { type LayoutOptions, type RecordAttribute, tableLayout } from "../dynamodb/layout.ts";
import { LAYOUT_VARIABLE, TABLE_VARIABLE } from "../dynamodb/layout-variable.ts";
import { findLossyMappings } from "./lossy-mappings.ts";

/**
 * The settings of the table. The defaults are for money: no mistake loses a record. If records have
 * other names, give `keyAttributes` and `attributes` as to `dynamoDbStore`.
 */
export interface IdempotencyTableProps extends LayoutOptions {
  /**
   * Name of the table.
   * @default a name that CloudFormation generates, so that the table can be replaced
   */
  readonly tableName?: string;
  /**
   * A key of your own that encrypts the records; `grantClaims` then grants its use too.
   * @default the AWS managed key of DynamoDB, which costs nothing and needs no grants
   */
  readonly encryptionKey?: IKey;
  /**
   * Refuses to delete the table, by CloudFormation and by hand: without its records every retry
   * that is still under way would execute again.
   * @default true
   */
  readonly deletionProtection?: boolean;
  /**
   * An index of the claims for an `IdempotencyCompleter`. Only claims of profiles that ask for a
   * completer are in the index, and cost their writes once more.
   * @default false
   */
  readonly dueIndex?: boolean;
  /**
   * The fate of the table when it leaves the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Rights of a function beyond claiming and completing. */
export interface GrantClaimsOptions {
  /**
   * The function reads records as well: its profile or contract waits for the execution in flight
   * (`inFlight: { waitMs }`, the default of a batch of a stream), or it commits with `claimAt: "commit"`, looks
   * requests up first (`readFirst`) or refuses invalid requests (`validate`).
   * @default false
   */
  readonly read?: boolean;
}

/** The settings and rights of a function that is made safe to retry. */
export interface ProtectOptions extends GrantClaimsOptions {
  /**
   * The service whose operations the function carries out: the variable IDEMPOTENCY_SERVICE. It is
   * part of the keys and must never change after go-live, even if the function gets another name.
   */
  readonly service: string;
}

/** The settings and rights of a function whose handler is an `idempotentBatch`. */
export interface ProtectBatchOptions extends ProtectOptions {
  /**
   * The queue of the records, if the handler has the option `sqs: { client }`: the function may move the
   * visibility of its messages.
   * @default none: the handler asks nothing of the queue. The event source gets its own grants from
   *   `SqsEventSource`
   */
  readonly queue?: IQueue;
  /**
   * The option `failures` of the handler. With `report` synthesis fails if an event source mapping of the
   * function, in the same app, lacks `ReportBatchItemFailures`.
   * @default "report"
   */
  readonly failures?: "report" | "throw";
}

/** A function with an environment to set: not an imported function, a version or an alias. */
export type ProtectedFunction = IGrantable &
  Construct &
  Pick<LambdaFunction, "addEnvironment" | "functionName">;

/** `idempotent` and `idempotency` read it if the option `service` is not given. */
const SERVICE_VARIABLE = "IDEMPOTENCY_SERVICE";

/**
 * The member of a function that holds what `protect` gave to it: a second assignment would replace the
 * first. The symbol is registered, because an app may hold a copy of this package for each module format.
 */
const PROTECTION = Symbol.for("lambda-idempotency.protection");

interface Protection {
  readonly service: string;
  /** The service and the table, for messages. */
  readonly assignment: string;
}

/** The service that `protect` gave to a function; `undefined` = none. */
export function findService(fn: object): string | undefined {
  return findProtection(fn)?.service;
}

function findProtection(fn: object): Protection | undefined {
  return (fn as { readonly [PROTECTION]?: Protection })[PROTECTION];
}

/**
 * The table of idempotency records: partition key `id`, expiry by TTL on `expiresAt` (or other
 * names, if given), on-demand capacity, point-in-time recovery.
 *
 * It is in one Region, on purpose: replicas of a global table accept claims of the same key side by
 * side, and the last writer wins.
 *
 * @example
 * const idempotency = new IdempotencyTable(this, "Idempotency");
 * idempotency.protect(createTransfer, { service: "payments" });
 */
export class IdempotencyTable extends Construct {
  /** The table itself, for alarms and anything else that this construct does not offer. */
  readonly table: Table;
  /** The layout of records in the table, which `dynamoDbStore` needs beside the table's name. */
  readonly layout: LayoutOptions;

  readonly #encryptionKey: IKey | undefined;
  readonly #hasDueIndex: boolean;

  /** @throws ConfigurationError if a name of the key or of an attribute is not valid. */
  constructor(scope: Construct, id: string, props: IdempotencyTableProps = {}) {
    super(scope, id);
    const {
      tableName,
      encryptionKey,
      deletionProtection = true,
      removalPolicy = RemovalPolicy.RETAIN,
      dueIndex = false,
      keyAttributes,
      attributes,
    } = props;
    const { partitionKey, sortKey, names } = tableLayout("IdempotencyTable", id, props);
    this.layout = { ...(keyAttributes && { keyAttributes }), ...(attributes && { attributes }) };
    const attribute = (name: RecordAttribute) => names.get(name) ?? name;
    this.#encryptionKey = encryptionKey;
    this.#hasDueIndex = dueIndex;
    this.table = new Table(this, "Table", {
      ...(tableName !== undefined && { tableName }),
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      ...(sortKey && { sortKey: { name: sortKey.name, type: AttributeType.STRING } }),
      timeToLiveAttribute: attribute("expiresAt"),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(encryptionKey === undefined
        ? { encryption: TableEncryption.AWS_MANAGED }
        : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      deletionProtection,
      removalPolicy,
    });
    if (!dueIndex) return;
    this.table.addGlobalSecondaryIndex({
      indexName: DUE_INDEX,
      partitionKey: { name: attribute("function"), type: AttributeType.STRING },
      sortKey: { name: attribute("due"), type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }

  /** The name for `dynamoDbStore({ tableName })`. */
  get tableName(): string {
    return this.table.tableName;
  }

  /**
   * The variables that tell a function about the table: its name, and the layout of records if they
   * have other names. `dynamoDbStore` reads the layout by itself.
   */
  get variables(): Record<string, string> {
    const isPlain = Object.keys(this.layout).length === 0;
    return {
      [TABLE_VARIABLE]: this.tableName,
      ...(!isPlain && { [LAYOUT_VARIABLE]: JSON.stringify(this.layout) }),
    };
  }

  /**
   * Gives a function all that it needs to protect its requests with this table: the variables
   * IDEMPOTENCY_TABLE, IDEMPOTENCY_SERVICE and, for a table of another form,
   * IDEMPOTENCY_TABLE_LAYOUT, and the permissions of `grantClaims`.
   *
   * @throws if `service` is not a name, if the function has no environment of its own, or if it
   *   already has another service or table.
   * @example
   * table.protect(createTransfer, { service: "payments", read: true });
   */
  protect(fn: ProtectedFunction, { service, ...grants }: ProtectOptions): void {
    const where = `${this.node.path}: protect`;
    if (!Token.isUnresolved(service) && !isName(service)) {
      throw new Error(`${where}: service is ${JSON.stringify(service)}; expected a name.`);
    }
    if (typeof fn.addEnvironment !== "function") {
      throw new Error(
        `${where}: ${fn.node?.path} has no environment that could be set. Expected the function itself, not a version, an alias or an imported function; give these to grantClaims().`,
      );
    }
    const assignment = `service ${JSON.stringify(service)} and the table ${this.node.path}`;
    const previous = findProtection(fn)?.assignment;
    if (previous !== undefined && previous !== assignment) {
      throw new Error(
        `${where}: ${fn.node.path} was given the ${previous} before, and now the ${assignment}. Under another service or table every retry would execute again.`,
      );
    }
    const protection: Protection = { service, assignment };
    Object.defineProperty(fn, PROTECTION, { configurable: true, value: protection });
    const variables = { ...this.variables, [SERVICE_VARIABLE]: service };
    for (const [name, value] of Object.entries(variables)) fn.addEnvironment(name, value);
    this.grantClaims(fn, grants);
  }

  /**
   * Gives a function all that its `idempotentBatch` needs: variables and permissions as `protect` does,
   * and `sqs:ChangeMessageVisibility` if a queue is given. The permissions on the table are those of a
   * handler with the same `claimAt`: give `read: true` with `claimAt: "commit"`, and for a stream.
   *
   * @throws as `protect` does; at synthesis, if failed records would be lost (see `failures`).
   * @example
   * table.protectBatch(consumer, { service: "payments", read: true });
   * consumer.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true }));
   */
  protectBatch(fn: ProtectedFunction, options: ProtectBatchOptions): void {
    const { queue, failures = "report", ...protection } = options;
    this.protect(fn, protection);
    queue?.grant(fn, "sqs:ChangeMessageVisibility");
    // At synthesis, because the mapping may be made after this call.
    if (failures === "report") fn.node.addValidation({ validate: () => findLossyMappings(fn) });
  }

  /**
   * Lets a function claim, complete, release and free keys, and no more: each of these is a
   * conditional `dynamodb:UpdateItem`. No function needs to delete, query or scan records.
   *
   * @param options further rights that the function's profile needs.
   */
  grantClaims(grantee: IGrantable, options: GrantClaimsOptions = {}): void {
    const actions = ["dynamodb:UpdateItem"];
    if (options.read) actions.push("dynamodb:GetItem");
    this.#grant(grantee, this.table.tableArn, actions);
  }

  /**
   * Lets a completer find, read and settle abandoned claims; `IdempotencyCompleter` calls it.
   *
   * @throws if the table was made without `dueIndex`.
   */
  grantCompletion(grantee: IGrantable): void {
    if (!this.#hasDueIndex) {
      throw new Error(
        `${this.node.path} has no index of due claims; make it with new IdempotencyTable(…, { dueIndex: true }).`,
      );
    }
    const { tableArn } = this.table;
    this.#grant(grantee, tableArn, ["dynamodb:GetItem", "dynamodb:UpdateItem"]);
    this.#grant(grantee, `${tableArn}/index/${DUE_INDEX}`, ["dynamodb:Query"]);
  }

  /** Not `Table.grant`, which adds every index to each grant. */
  #grant(grantee: IGrantable, resourceArn: string, actions: string[]): void {
    Grant.addToPrincipal({ grantee, actions, resourceArns: [resourceArn] });
    this.#encryptionKey?.grantEncryptDecrypt(grantee);
  }
}
