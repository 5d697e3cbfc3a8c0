import { Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type CreateAlarmOptions,
  type IAlarmAction,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { Grant, ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  type Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { isName } from "../checks/scope-name.ts";
import { completerCode } from "./completer-code.ts";
import { findService, type IdempotencyTable } from "./idempotency-table.ts";

/** The settings of an `IdempotencyCompleter`. */
export interface IdempotencyCompleterProps {
  /** The table of the records; made with `dueIndex: true`. */
  readonly table: IdempotencyTable;
  /**
   * The functions with a profile that asks for a completer (`abandoned: "complete"` or
   * `"unknown"`), by their services: the option `service`, or the variable IDEMPOTENCY_SERVICE that
   * `IdempotencyTable.protect` sets, or else the name of the Lambda function. A service belongs to
   * one function here, because claims are found by it. Give an alias to invoke what it points to.
   *
   * @example { payouts: createPayout.addAlias("live") }
   */
  readonly functions: Readonly<Record<string, IFunction>>;
  /**
   * The time between two searches for abandoned requests.
   * @default Duration.minutes(1)
   */
  readonly every?: Duration;
  /**
   * The most attempts to finish one request, over all its claims. Then the request is stuck: it waits
   * for its client or an operator, and an alarm stays on.
   * @default 10, over some nine hours
   */
  readonly maxAttempts?: number;
  /**
   * The age of a request, from its first claim, at which the completer's attempts end. Other services
   * forget their idempotency keys too: Stripe after 24 hours.
   * @default Duration.hours(24)
   */
  readonly maxAge?: Duration;
  /**
   * Actions for the alarms: an outcome became UNKNOWN, requests are stuck or stay unfinished, or the
   * completer itself fails.
   * @default none: the alarms only show
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * How long the completer's logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * The network of the completer's function. It needs ways to DynamoDB, Lambda and the log.
   * @default none: Lambda's own network
   */
  readonly vpc?: IVpc;
  /** The subnets in `vpc`, if its private ones are not meant. */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * Further variables of the completer's function.
   * @default none
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Traces the completer's function with X-Ray.
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;
}

/**
 * Finishes requests that have begun and that no client repeats. A scheduled function looks for claims
 * with a lapsed lease, and invokes their function again with the stored event, or marks their outcome
 * as UNKNOWN.
 *
 * Metrics (namespace `LambdaIdempotency`, dimension `Service`): `Completed`, `Released`, `Unknown`,
 * `Unfinished`, `Stuck`. Each of the last three has an alarm, and docs/runbook.md says what to do.
 *
 * @example
 * const table = new IdempotencyTable(this, "Idempotency", { dueIndex: true });
 * new IdempotencyCompleter(this, "Completer", { table, functions: { payouts: createPayout } });
 */
export class IdempotencyCompleter extends Construct {
  /** The scheduled function. */
  readonly function: LambdaFunction;
  /** The alarms for an operator. */
  readonly alarms: readonly Alarm[];

  /** @throws if the table has no index of due claims, or there is no function, or no name of one. */
  constructor(scope: Construct, id: string, props: IdempotencyCompleterProps) {
    super(scope, id);
    const { table, functions, every = Duration.minutes(1), alarmActions = [] } = props;
    const services = Object.keys(functions);
    if (services.length === 0) {
      throw new Error(
        `${id}: functions is empty; expected at least one function to finish requests for.`,
      );
    }
    const wrong = services.find((service) => !isName(service));
    if (wrong !== undefined) {
      throw new Error(
        `${id}: functions has the member ${JSON.stringify(wrong)}; expected the name of a service.`,
      );
    }
    const arns = Object.entries(functions).map(([service, { functionArn }]) => [
      service,
      functionArn,
    ]);
    const { maxAttempts = 10, maxAge = Duration.hours(24) } = props;
    if (!Token.isUnresolved(maxAttempts) && !(Number.isInteger(maxAttempts) && maxAttempts > 0)) {
      throw new Error(
        `${id}: maxAttempts is ${maxAttempts}; expected a whole number of at least 1.`,
      );
    }
    this.node.addValidation({ validate: () => findOtherServices(id, functions) });
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    if (props.vpc !== undefined) {
      role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName(VPC_ACCESS_POLICY));
    }
    this.function = new LambdaFunction(this, "Function", {
      code: completerCode(),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      // A function that it waits for may run as long.
      timeout: Duration.minutes(15),
      // The next run repeats a failed one.
      retryAttempts: 0,
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
      ...(props.tracing && { tracing: props.tracing }),
      role,
      logGroup,
      environment: {
        ...props.environment,
        ...table.variables,
        MAX_ATTEMPTS: String(maxAttempts),
        MAX_AGE_SECONDS: String(maxAge.toSeconds()),
        FUNCTIONS: Stack.of(this).toJsonString(Object.fromEntries(arns)),
      },
    });
    table.grantCompletion(this.function);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ["lambda:InvokeFunction"],
      resourceArns: Object.values(functions).map(({ functionArn }) => functionArn),
    });
    new Rule(this, "Schedule", {
      schedule: Schedule.rate(every),
      targets: [new LambdaTarget(this.function, { retryAttempts: 0 })],
    });
    this.alarms = [
      ...services.flatMap((service) => [
        this.#alarm(`Unknown-${service}`, createMetric("Unknown", service), OUTCOME_UNKNOWN),
        this.#alarm(`Unfinished-${service}`, createMetric("Unfinished", service), {
          ...STILL_UNFINISHED,
          // Attempts become rarer, so that some periods have none.
          evaluationPeriods: 6,
          datapointsToAlarm: 3,
        }),
        this.#alarm(`Stuck-${service}`, createStuckMetric(service), STUCK),
      ]),
      this.#alarm("Errors", this.function.metricErrors(), COMPLETER_FAILED),
    ];
    for (const alarm of this.alarms) alarm.addAlarmAction(...alarmActions);
  }

  /** An alarm that goes off after one count in a period, unless the options say otherwise. */
  #alarm(id: string, metric: IMetric, options: Partial<CreateAlarmOptions>): Alarm {
    return new Alarm(this, id, {
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...options,
    });
  }
}

const VPC_ACCESS_POLICY = "service-role/AWSLambdaVPCAccessExecutionRole";

const OUTCOME_UNKNOWN = {
  alarmDescription:
    "A request was abandoned and could not be finished: it may or may not have taken effect. Find out, and tell the client. docs/runbook.md of lambda-idempotency, Unknown.",
};
const STILL_UNFINISHED = {
  alarmDescription:
    "Abandoned requests stay unfinished although the completer tries again. The function's log says why. docs/runbook.md of lambda-idempotency, Unfinished.",
};
const STUCK = {
  alarmDescription:
    "Begun requests are not tried any more. They wait for their client or for you. docs/runbook.md of lambda-idempotency, Stuck.",
};
const COMPLETER_FAILED = {
  alarmDescription:
    "The completer failed; abandoned requests are not finished meanwhile. docs/runbook.md of lambda-idempotency, Errors.",
};

function createMetric(metricName: string, service: string): Metric {
  return new Metric({
    namespace: "LambdaIdempotency",
    metricName,
    dimensionsMap: { Service: service },
    statistic: "Sum",
    period: Duration.minutes(5),
  });
}

/** The completer counts them on every run, so the alarm stays on until there are none. */
function createStuckMetric(service: string): Metric {
  return createMetric("Stuck", service).with({ statistic: "Maximum", period: Duration.hours(1) });
}

/** The functions that claim under another service than the one they are given for. */
function findOtherServices(
  id: string,
  functions: IdempotencyCompleterProps["functions"],
): string[] {
  return Object.entries(functions).flatMap(([service, fn]) => {
    // An alias and a version stand for their function.
    const { lambda = fn } = fn as { readonly lambda?: IFunction };
    const own = findService(lambda);
    if (own === undefined || own === service || Token.isUnresolved(own)) return [];
    return `${id}: functions has ${fn.node.path} for the service ${JSON.stringify(service)}, but IdempotencyTable.protect gave the function the service ${JSON.stringify(own)}; no claim would be found.`;
  });
}
