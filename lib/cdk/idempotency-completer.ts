import { fileURLToPath } from "node:url";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Grant, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type IFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import {
  NodejsFunction,
  type NodejsFunctionProps,
  OutputFormat,
} from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { IdempotencyTable } from "./idempotency-table.ts";

/** The settings of an `IdempotencyCompleter`. */
export interface IdempotencyCompleterProps {
  /** The table of the records; made with `dueIndex: true`. */
  readonly table: IdempotencyTable;
  /**
   * The functions with a profile that asks for a completer (`abandoned: "complete"` or
   * `"unknown"`). They are invoked by name, without an alias or a version.
   */
  readonly functions: readonly IFunction[];
  /**
   * The time between two searches for abandoned requests.
   * @default Duration.minutes(1)
   */
  readonly every?: Duration;
  /**
   * Actions for the alarms: an outcome became UNKNOWN, requests stay unfinished, or the completer
   * itself fails.
   * @default none: the alarms only show
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * How long the completer's logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * The bundling of the completer's function, if the defaults of `NodejsFunction` do not fit.
   * @default the lock file nearest to where CDK runs
   */
  readonly bundle?: Pick<NodejsFunctionProps, "projectRoot" | "depsLockFilePath">;
}

/**
 * Finishes requests that no client repeats. A scheduled function looks for claims with a lapsed
 * lease, and invokes their function again with the stored event, or marks their outcome as
 * UNKNOWN.
 *
 * Metrics (namespace `LambdaIdempotency`, dimension `FunctionName`): `Completed`, `Unknown`,
 * `Unfinished`. Each of the last two has an alarm.
 *
 * @example
 * const table = new IdempotencyTable(this, "Idempotency", { dueIndex: true });
 * new IdempotencyCompleter(this, "Completer", { table, functions: [createPayout] });
 */
export class IdempotencyCompleter extends Construct {
  /** The scheduled function. */
  readonly function: NodejsFunction;
  /** The alarms for an operator. */
  readonly alarms: readonly Alarm[];

  /** @throws if the table has no index of due claims, or there is no function. */
  constructor(scope: Construct, id: string, props: IdempotencyCompleterProps) {
    super(scope, id);
    const { table, functions, every = Duration.minutes(1), alarmActions = [] } = props;
    if (functions.length === 0) {
      throw new Error(
        `${id}: functions is empty; expected at least one function to finish requests for.`,
      );
    }
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    this.function = new NodejsFunction(this, "Function", {
      ...props.bundle,
      entry: ENTRY,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.minutes(5),
      role,
      logGroup,
      environment: {
        ...table.variables,
        FUNCTION_NAMES: functions.map(({ functionName }) => functionName).join(","),
      },
      // A variable for version 2 of the SDK.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        mainFields: ["module", "main"],
        minify: true,
        bundleAwsSDK: true,
      },
    });
    table.grantCompletion(this.function);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ["lambda:InvokeFunction"],
      resourceArns: functions.map(({ functionArn }) => functionArn),
    });
    new Rule(this, "Schedule", {
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(this.function, { retryAttempts: 0 })],
    });
    this.alarms = [
      ...functions.flatMap((one, index) => [
        this.#alarm(`Unknown${index}`, createMetric("Unknown", one), 1, OUTCOME_UNKNOWN),
        this.#alarm(`Unfinished${index}`, createMetric("Unfinished", one), 3, STILL_UNFINISHED),
      ]),
      this.#alarm("Errors", this.function.metricErrors(), 1, COMPLETER_FAILED),
    ];
    for (const alarm of this.alarms) alarm.addAlarmAction(...alarmActions);
  }

  /**
   * An alarm that goes off after at least one count in each of `evaluationPeriods` periods of 5
   * minutes.
   */
  #alarm(id: string, metric: IMetric, evaluationPeriods: number, alarmDescription: string): Alarm {
    return new Alarm(this, id, {
      metric,
      alarmDescription,
      evaluationPeriods,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

const OUTCOME_UNKNOWN =
  "A request was abandoned and could not be finished: it may or may not have taken effect. Find out, and tell the client.";
const STILL_UNFINISHED =
  "Abandoned requests have stayed unfinished for 15 minutes. The function's log says why.";
const COMPLETER_FAILED = "The completer failed; abandoned requests are not finished meanwhile.";

/** Beside this file, as TypeScript in the repository and as JavaScript in the package. */
const ENTRY = fileURLToPath(
  new URL(`../completer/handler${import.meta.url.slice(-3)}`, import.meta.url),
);

function createMetric(metricName: string, { functionName }: IFunction): Metric {
  return new Metric({
    namespace: "LambdaIdempotency",
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: "Sum",
    period: Duration.minutes(5),
  });
}
