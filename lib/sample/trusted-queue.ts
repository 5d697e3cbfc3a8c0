import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** The least that AWS advises: a throttled function receives messages in vain, too. */
const MOST_RECEIVES = 5;

/**
 * A FIFO queue whose messages are trusted, because only its sender may send. Its dead-letter queue has
 * the name with `Dead`, and an alarm that is on while there is a dead letter.
 */
export class TrustedQueue {
  readonly queue: Queue;
  readonly #scope: Construct;
  readonly #dead: Queue;

  /** @param props.consumerTimeout the longest that the consumer runs. */
  constructor(
    scope: Construct,
    id: string,
    { consumerTimeout }: { readonly consumerTimeout: Duration },
  ) {
    const both = {
      fifo: true,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    } as const;
    this.#scope = scope;
    this.#dead = new Queue(scope, `${id}Dead`, both);
    this.#dead
      .metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" })
      .createAlarm(scope, `${id}DeadLetters`, {
        alarmDescription: `Messages of ${id} were received ${MOST_RECEIVES} times in vain. docs/runbook.md of lambda-idempotency, Dead letters.`,
        threshold: 1,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    this.queue = new Queue(scope, id, {
      ...both,
      // AWS advises six times the time of the function.
      visibilityTimeout: Duration.seconds(6 * consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.#dead, maxReceiveCount: MOST_RECEIVES },
    });
  }

  /**
   * Lets a function send, and no other principal. The dead letters are closed as well: a foreign one would come to
   * the queue with the next redrive.
   *
   * @param operators ARNs of the roles that may move dead letters back.
   */
  allowSender({ node, role, grantPrincipal }: LambdaFunction, operators: readonly string[]): void {
    if (role === undefined) throw new Error(`${node.path} has no role.`);
    this.queue.grant({ grantPrincipal }, "sqs:SendMessage");
    for (const queue of [this.queue, this.#dead]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: "OnlyTheServiceSends",
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ["sqs:SendMessage"],
          resources: [queue.queueArn],
          conditions: { ArnNotEquals: { "aws:PrincipalArn": [role.roleArn, ...operators] } },
        }),
      );
    }
  }

  /** Not `SqsEventSource`, which would also let the function move the visibility of messages. */
  addConsumer(consumer: LambdaFunction): void {
    this.queue.grant(consumer, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes");
    new EventSourceMapping(this.#scope, `${consumer.node.id}Source`, {
      target: consumer,
      eventSourceArn: this.queue.queueArn,
      reportBatchItemFailures: true,
    });
  }
}
