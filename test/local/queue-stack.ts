import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { LogLevel, NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { Queue } from "aws-cdk-lib/aws-sqs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Synthesizes a stack with a consumer of a standard queue and of a FIFO queue, both with a dead-letter
 * queue after two receives, and a relay from one queue to the other.
 *
 * @returns the folder of the cloud assembly.
 */
export function synthesizeQueueStack(): string {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "queue-stack-")) });
  const stack = new Stack(app, "QueueStack");
  const parcelsDead = new Queue(stack, "ParcelsDead");
  const parcels = new Queue(stack, "Parcels", {
    deadLetterQueue: { queue: parcelsDead, maxReceiveCount: 2 },
  });
  const ordersDead = new Queue(stack, "OrdersDead", { fifo: true });
  const orders = new Queue(stack, "Orders", {
    fifo: true,
    contentBasedDeduplication: true,
    deadLetterQueue: { queue: ordersDead, maxReceiveCount: 2 },
  });
  const consumer = createFunction(stack, "Consumer", { DELIVERIES: "/dev/null" });
  for (const queue of [parcels, orders]) {
    consumer.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true }));
  }
  const inbox = new Queue(stack, "Inbox");
  const relay = createFunction(stack, "Relay", { QUEUE_NAME: parcels.queueName });
  parcels.grantSendMessages(relay);
  relay.addEventSource(new SqsEventSource(inbox, { batchSize: 1, maxConcurrency: 2 }));
  return app.synth().directory;
}

function createFunction(stack: Stack, id: string, environment: Record<string, string>) {
  return new NodejsFunction(stack, id, {
    entry: join(ROOT, `test/local/functions/queue-${id.toLowerCase()}.ts`),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, "package-lock.json"),
    runtime: Runtime.NODEJS_24_X,
    timeout: Duration.seconds(10),
    environment,
    bundling: { bundleAwsSDK: true, logLevel: LogLevel.WARNING },
  });
}
