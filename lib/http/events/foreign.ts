/** The members of an event, from which its kind is recognised. */
type Shape = Readonly<Record<string, unknown>>;

/** The kind of an event that is no HTTP request, and the test that recognises it. */
type Kind = readonly [name: string, matches: (event: Shape) => boolean];

/**
 * Events that have a method and a path but are no HTTP requests, because their sender expects another
 * kind of result. They are therefore checked first.
 */
const LIKE_HTTP: readonly Kind[] = [
  [
    "a Lambda authorizer's event (API Gateway)",
    ({ type, methodArn, routeArn, authorizationToken }) =>
      (type === "REQUEST" || type === "TOKEN") &&
      [methodArn, routeArn, authorizationToken].some(isText),
  ],
  [
    "a WebSocket API's event (API Gateway)",
    ({ requestContext }) => isText(readMember(requestContext, "connectionId")),
  ],
  ["an action of a Bedrock agent", ({ agent, actionGroup }) => isText(actionGroup) && !!agent],
];

/** Services that name themselves as the source in every record, by that name. */
const SOURCES: Readonly<Record<string, string>> = {
  "aws:sqs": "an SQS batch",
  "aws:sns": "an SNS notification",
  "aws:s3": "an S3 notification",
  "aws:kinesis": "a Kinesis batch",
  "aws:dynamodb": "a DynamoDB stream's batch",
  "aws:kafka": "a Kafka batch (Amazon MSK)",
  SelfManagedKafka: "a Kafka batch",
  "aws:rmq": "a batch of Amazon MQ (RabbitMQ)",
  "aws:mq": "a batch of Amazon MQ (ActiveMQ)",
  "aws:docdb": "a DocumentDB change stream's batch",
  "aws:ses": "an SES message",
  "aws:codecommit": "a CodeCommit notification",
};

const OTHERS: readonly Kind[] = [
  ["a CloudFront event (Lambda@Edge)", ({ Records }) => !!readMember(firstElement(Records), "cf")],
  ["an EventBridge event", (event) => isText(event["detail-type"]) || isEventBridge(event)],
  ["a Firehose transformation", ({ deliveryStreamArn }) => isText(deliveryStreamArn)],
  ["a batch of CloudWatch Logs", ({ awslogs }) => !!awslogs],
  [
    "an AppSync resolver's event",
    (event) => isText(readMember(event.info, "fieldName")) || isText(event.fieldName),
  ],
  ["an AppSync event of a channel", ({ info }) => !!readMember(info, "channel")],
  ["a Cognito trigger", ({ triggerSource }) => isText(triggerSource)],
  ["a request of a CloudFormation custom resource", ({ ResponseURL }) => isText(ResponseURL)],
  ["an S3 batch operation's task", ({ tasks, job }) => Array.isArray(tasks) && !!job],
  ["an S3 Object Lambda event", ({ getObjectContext }) => !!getObjectContext],
  ["a CodePipeline job", (event) => !!event["CodePipeline.job"]],
  ["an AWS Config event", ({ invokingEvent }) => isText(invokingEvent)],
  [
    "a Lex event",
    ({ bot, sessionState, currentIntent }) => !!bot && !!(sessionState ?? currentIntent),
  ],
  ["an Amazon Connect contact flow's event", ({ Details }) => !!readMember(Details, "ContactData")],
  ["an Alexa request", ({ session, request }) => !!session && isText(readMember(request, "type"))],
  [
    "a VPC Lattice event of version 1 (set the event structure of the target group to version 2)",
    ({ raw_path: rawPath, method }) => isText(rawPath) && isText(method),
  ],
];

/** The kind of an event that has a method and a path but is no HTTP request. */
export function findLookalike(event: object): string | undefined {
  return findKind(LIKE_HTTP, event);
}

/** The kind of event that AWS sends in this shape; `undefined` if the shape is unknown. */
export function findForeignKind(event: object): string | undefined {
  const { Records, records, eventSource } = event as Shape;
  for (const one of [firstElement(Records), firstElement(records), event]) {
    const source = readMember(one, "eventSource") ?? readMember(one, "EventSource") ?? eventSource;
    if (isText(source) && Object.hasOwn(SOURCES, source)) return SOURCES[source];
  }
  return findKind(OTHERS, event);
}

function findKind(kinds: readonly Kind[], event: object): string | undefined {
  return kinds.find(([, matches]) => matches(event as Shape))?.[0];
}

function isEventBridge({ source, detail }: Shape): boolean {
  return isText(source) && detail !== undefined;
}

function firstElement(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

function readMember(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
