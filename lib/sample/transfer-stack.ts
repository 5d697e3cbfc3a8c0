import { fileURLToPath } from "node:url";
import {
  CfnOutput,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogLevel, NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { IdempotencyCompleter } from "../cdk/idempotency-completer.ts";
import { IdempotencyTable } from "../cdk/idempotency-table.ts";
import { TrustedQueue } from "./trusted-queue.ts";
import { VENDORS } from "./vendor-routes.ts";

/** Settings of the sample service's deployment. */
export interface TransferStackProps extends StackProps {
  /**
   * Traces the functions with X-Ray.
   * @default false: it costs money for each request
   */
  readonly tracing?: boolean;
  /**
   * How long logs are kept, of the functions and of the API.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * The URL of the bank for payouts, with `POST /payments`. The bank must pay once for each
   * `Idempotency-Key`. Replace it: until then every payout stays reserved, and its client gets 503.
   * @default "https://bank.example.com", which is no bank
   */
  readonly bankUrl?: string;
  /**
   * The ARNs of the roles that may move dead letters back to the queue of transfers. Everyone but these
   * and the service itself is denied to send to it, because its messages are trusted.
   * @default none
   */
  readonly queueOperators?: readonly string[];
}

/**
 * The sample service: transfers between accounts and payouts to a bank, behind an HTTP API, safe to
 * retry.
 *
 *     HTTP API ── authorizer ── Tokens
 *        ├── POST /transfers ─────── create-transfer ── Idempotency, Ledger, Transfers
 *        ├── POST /payouts ───────── create-payout ──── Idempotency, Ledger, the bank
 *        ├── POST /v1/transactions, /v1/charges, /wallets/{walletId}/transfers, …/transactions:
 *        │        the same in the forms of Gluwa, Stripe and Dfns
 *        ├── GET  /transfers/{id} ── get-transfer ───── Ledger
 *        ├── GET  /payouts/{id} ──── get-payout ─────── Ledger
 *        └── GET  /accounts/{id} ─── get-account ────── Ledger
 *     Transfers (FIFO queue) ── make-transfers ── Idempotency, Ledger
 *        └── TransfersDead, after 5 receives
 *     every minute ── Completer ── Idempotency, create-payout, gluwa/create-transaction
 */
export class TransferStack extends Stack {
  readonly #tracing: boolean;
  readonly #logRetention: RetentionDays;

  constructor(scope: Construct, id: string, props: TransferStackProps = {}) {
    const {
      tracing = false,
      logRetention = RetentionDays.ONE_MONTH,
      bankUrl = "https://bank.example.com",
      queueOperators = [],
      ...stackProps
    } = props;
    super(scope, id, stackProps);
    this.#tracing = tracing;
    this.#logRetention = logRetention;

    const idempotency = new IdempotencyTable(this, "Idempotency", { dueIndex: true });
    const ledger = this.#table("Ledger", "id");
    // A table of its own, so that the authorizer sees no money and the other functions no tokens.
    const tokens = this.#table("Tokens", "tokenDigest");

    const LEDGER_TABLE = ledger.tableName;
    const transfers = new TrustedQueue(this, "Transfers", { consumerTimeout: FUNCTION_TIMEOUT });
    const createTransfer = this.#function("CreateTransfer", "transfers/create-transfer.ts", {
      LEDGER_TABLE,
      TRANSFERS_QUEUE_URL: transfers.queue.queueUrl,
    });
    const makeTransfers = this.#function("MakeTransfers", "transfers/make-transfers.ts", {
      LEDGER_TABLE,
    });
    const createPayout = this.#function("CreatePayout", "payouts/create-payout.ts", {
      LEDGER_TABLE,
      BANK_URL: bankUrl,
    });
    const vendors = VENDORS.map((vendor) => ({
      ...vendor,
      create: this.#function(
        `Create${vendor.id}`,
        `vendors/${vendor.folder}/create-${vendor.entity}.ts`,
        {
          LEDGER_TABLE,
        },
      ),
      get: this.#function(`Get${vendor.id}`, `vendors/${vendor.folder}/get-${vendor.entity}.ts`, {
        LEDGER_TABLE,
      }),
    }));
    const getTransfer = this.#function("GetTransfer", "transfers/get-transfer.ts", {
      LEDGER_TABLE,
    });
    const getPayout = this.#function("GetPayout", "payouts/get-payout.ts", { LEDGER_TABLE });
    const getAccount = this.#function("GetAccount", "accounts/get-account.ts", { LEDGER_TABLE });
    const authorizer = this.#function("Authorizer", "auth/authorizer.ts", {
      TOKENS_TABLE: tokens.tableName,
    });

    // One service, so that a route may move from one of its functions to another and keep its keys;
    // but the completer finds a function by its service.
    const service = "payments";
    idempotency.protect(createTransfer, { service, read: true });
    idempotency.protect(createPayout, { service: "payouts", read: true });
    // A transaction needs the rights of its parts: the entry is put, both accounts are updated.
    ledger.grant(createTransfer, "dynamodb:PutItem", "dynamodb:UpdateItem");
    transfers.allowSender(createTransfer, queueOperators);
    idempotency.protectBatch(makeTransfers, { service, read: true });
    ledger.grant(makeTransfers, "dynamodb:UpdateItem");
    transfers.addConsumer(makeTransfers);
    ledger.grant(
      createPayout,
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      // A reservation is deleted once the payout is settled.
      "dynamodb:DeleteItem",
    );
    for (const { create, get, completedAs = service, readsRecords, ledgerActions } of vendors) {
      idempotency.protect(create, { service: completedAs, read: readsRecords });
      ledger.grant(create, ...ledgerActions);
      ledger.grant(get, "dynamodb:GetItem");
    }
    ledger.grant(getTransfer, "dynamodb:GetItem");
    ledger.grant(getPayout, "dynamodb:GetItem");
    ledger.grant(getAccount, "dynamodb:GetItem");
    tokens.grant(authorizer, "dynamodb:GetItem");
    new IdempotencyCompleter(this, "Completer", {
      table: idempotency,
      functions: {
        payouts: createPayout,
        ...Object.fromEntries(
          vendors.flatMap(({ completedAs, create }) =>
            completedAs ? [[completedAs, create]] : [],
          ),
        ),
      },
      logRetention,
    });

    const stage = this.#api(authorizer, [
      { method: HttpMethod.POST, path: "/transfers", handler: createTransfer },
      { method: HttpMethod.POST, path: "/payouts", handler: createPayout },
      ...vendors.flatMap(({ path, parameter, create, get }) => [
        { method: HttpMethod.POST, path, handler: create },
        { method: HttpMethod.GET, path: `${path}/{${parameter}}`, handler: get },
      ]),
      { method: HttpMethod.GET, path: "/transfers/{id}", handler: getTransfer },
      { method: HttpMethod.GET, path: "/payouts/{id}", handler: getPayout },
      { method: HttpMethod.GET, path: "/accounts/{id}", handler: getAccount },
    ]);

    new CfnOutput(this, "ApiUrl", { value: stage.url });
    new CfnOutput(this, "IdempotencyTableName", { value: idempotency.tableName });
    new CfnOutput(this, "LedgerTableName", { value: ledger.tableName });
    new CfnOutput(this, "TokensTableName", { value: tokens.tableName });
    new CfnOutput(this, "TransfersQueueUrl", { value: transfers.queue.queueUrl });
  }

  #table(id: string, partitionKey: string): Table {
    return new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: TableEncryption.AWS_MANAGED,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #function(id: string, file: string, environment: Record<string, string>): NodejsFunction {
    const logGroup = new LogGroup(this, `${id}Logs`, {
      retention: this.#logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // CDK's own role would let the function write to every log group of the account.
    const role = new Role(this, `${id}Role`, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    if (this.#tracing) {
      Validations.of(role).acknowledge({
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "X-Ray has no resources to which the right to write traces could be narrowed.",
      });
    }
    return new NodejsFunction(this, id, {
      entry: fromRoot(`lambda/${file}`),
      projectRoot: fromRoot("."),
      depsLockFilePath: fromRoot("package-lock.json"),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: FUNCTION_TIMEOUT,
      tracing: this.#tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      role,
      logGroup,
      environment,
      // A variable for version 2 of the SDK.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ["module", "main"],
        minify: true,
        // The SDK that the tests have run with, and not whichever the runtime brings.
        bundleAwsSDK: true,
        logLevel: LogLevel.WARNING,
      },
    });
  }

  #api(authorizer: NodejsFunction, routes: readonly Route[]): HttpStage {
    const httpApi = new HttpApi(this, "Api", {
      createDefaultStage: false,
      defaultAuthorizer: new HttpLambdaAuthorizer("TokenAuthorizer", authorizer, {
        responseTypes: [HttpLambdaResponseType.SIMPLE],
        // With an identity source, API Gateway itself would refuse a request without the header,
        // and not with problem+json. Without one, results cannot be cached.
        identitySource: [],
        resultsCacheTtl: Duration.seconds(0),
      }),
    });
    for (const { method, path, handler } of routes) {
      const integration = new HttpLambdaIntegration(`${handler.node.id}Integration`, handler);
      httpApi.addRoutes({ path, methods: [method], integration });
    }
    const accessLogs = new LogGroup(this, "AccessLogs", {
      retention: this.#logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, "Stage", {
      httpApi,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: 100, burstLimit: 200 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }
}

/** The time of every function but the completer's. */
const FUNCTION_TIMEOUT = Duration.seconds(10);

interface Route {
  readonly method: HttpMethod;
  readonly path: string;
  readonly handler: NodejsFunction;
}

const ACCESS_LOG = {
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatencyMs: "$context.responseLatency",
  accountHolder: "$context.authorizer.accountHolder",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};

/** A path in this repository, wherever it is synthesized from. */
function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
