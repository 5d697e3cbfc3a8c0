import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Queues } from "../../local/queue/queues.ts";
import { type SqsApi, startSqsApi } from "../../local/sqs-api.ts";
import { manualQueueClock, queueSettings } from "./queue-clock.ts";

/** AWS's own client, over HTTP. */
let client: SQSClient;
let api: SqsApi;
const clock = manualQueueClock();
const queues = new Queues(clock);
const DEAD = queueSettings({ name: "dead" });

beforeAll(async () => {
  api = await startSqsApi(queues, clock);
  client = new SQSClient({
    endpoint: api.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await api.close();
});

let QueueUrl: string;
let fifoUrl: string;
beforeEach(() => {
  queues.add(DEAD);
  queues.add(
    queueSettings({ redrivePolicy: { deadLetterTargetArn: DEAD.arn, maxReceiveCount: 1 } }),
  );
  queues.add(queueSettings({ isFifo: true }));
  QueueUrl = api.queueUrl("orders");
  fifoUrl = api.queueUrl("orders.fifo");
});

const send = (MessageBody: string) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
async function receive(more: object = {}) {
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, ...more }));
  return Messages;
}
async function receiveOne() {
  const [message] = await receive();
  if (!message) throw new Error("The queue delivers no message.");
  return message;
}
async function counts(url = QueueUrl) {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
  );
  return [
    Number(Attributes.ApproximateNumberOfMessages),
    Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  ];
}

test("a message passes through with its attributes, and the client accepts the digests", async () => {
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é" },
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
  };
  const sent = await client.send(
    new SendMessageCommand({ QueueUrl, MessageBody: "größer 💶", MessageAttributes }),
  );
  expect(sent).toMatchObject({
    MessageId: expect.any(String),
    MD5OfMessageBody: expect.any(String),
    MD5OfMessageAttributes: expect.any(String),
  });
  const [received] = await receive({
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All"],
  });
  expect(received).toMatchObject({
    MessageId: sent.MessageId,
    Body: "größer 💶",
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    MessageAttributes,
    Attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: String(clock.nowMs()),
      ApproximateFirstReceiveTimestamp: String(clock.nowMs()),
      SenderId: expect.any(String),
    },
  });
});

test("a receive has only the attributes that it names", async () => {
  const attribute = { DataType: "String", StringValue: "1" };
  const MessageAttributes = { "a.one": attribute, "a.two": attribute, b: attribute };
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a", MessageAttributes }));
  const [received] = await receive({
    MessageAttributeNames: ["a.*"],
    MessageSystemAttributeNames: ["ApproximateReceiveCount"],
  });
  expect(Object.keys(received?.MessageAttributes ?? {})).toEqual(["a.one", "a.two"]);
  expect(received?.Attributes).toEqual({ ApproximateReceiveCount: "1" });
});

test("a message is hidden, made visible and deleted", async () => {
  await send("a");
  const { ReceiptHandle } = await receiveOne();
  expect(await counts()).toEqual([0, 1]);
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
  );
  expect(await counts()).toEqual([1, 0]);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  expect(await counts()).toEqual([0, 0]);
});

describe("a batch", () => {
  test("is sent in order to a FIFO queue, and each refused entry is named", async () => {
    const entry = (Id: string, MessageGroupId?: string) => ({
      Id,
      MessageBody: Id,
      MessageDeduplicationId: Id,
      ...(MessageGroupId && { MessageGroupId }),
    });
    const { Successful = [], Failed } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: fifoUrl,
        Entries: [entry("a", "A"), entry("b"), entry("c", "A")],
      }),
    );
    expect(Successful.map(({ Id }) => Id)).toEqual(["a", "c"]);
    expect(Failed).toMatchObject([{ Id: "b", Code: "MissingParameter", SenderFault: true }]);
    const received = await receive({
      QueueUrl: fifoUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["All"],
    });
    expect(received.map(({ Body }) => Body)).toEqual(["a", "c"]);
    expect(received[0]?.Attributes).toMatchObject({
      MessageGroupId: "A",
      MessageDeduplicationId: "a",
      SequenceNumber: Successful[0]?.SequenceNumber,
    });
  });

  test("is made visible and deleted, and each refused entry is named", async () => {
    await send("a");
    const { ReceiptHandle } = await receiveOne();
    const changed = await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "1", ReceiptHandle, VisibilityTimeout: 0 },
          { Id: "2", ReceiptHandle, VisibilityTimeout: 5 },
        ],
      }),
    );
    expect(changed).toMatchObject({
      Successful: [{ Id: "1" }],
      Failed: [{ Id: "2", Code: "MessageNotInflight" }],
    });
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "1", ReceiptHandle },
          { Id: "2", ReceiptHandle: "nonsense" },
        ],
      }),
    );
    expect(deleted).toMatchObject({
      Successful: [{ Id: "1" }],
      Failed: [{ Id: "2", Code: "ReceiptHandleIsInvalid" }],
    });
  });

  const entries = (...ids: string[]) => ids.map((Id) => ({ Id, MessageBody: "a".repeat(100_000) }));
  test.each([
    ["EmptyBatchRequest", entries()],
    ["TooManyEntriesInBatchRequest", entries(..."abcdefghijk")],
    ["BatchEntryIdsNotDistinct", entries("a", "a")],
    ["InvalidBatchEntryId", entries("a b")],
    [
      "BatchRequestTooLong",
      entries(..."abcdefghij").map((one) => ({ ...one, MessageBody: "a".repeat(104_858) })),
    ],
  ])("is refused as a whole: %s", async (name, Entries) => {
    const sent = client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(sent).rejects.toMatchObject({ name });
    expect(await counts()).toEqual([0, 0]);
  });
});

test("a long poll ends with the message that arrives", async () => {
  const waiting = receive({ WaitTimeSeconds: 20 });
  await send("a");
  expect((await waiting).map(({ Body }) => Body)).toEqual(["a"]);
});

test("dead letters are redriven to their source", async () => {
  await send("a");
  const { MessageId } = await receiveOne();
  clock.advance(30_000);
  expect(await receive()).toEqual([]);
  expect(await counts(api.queueUrl("dead"))).toEqual([1, 0]);
  const started = await client.send(new StartMessageMoveTaskCommand({ SourceArn: DEAD.arn }));
  expect(started.TaskHandle).toEqual(expect.any(String));
  const redriven = await receiveOne();
  expect(redriven.Body).toBe("a");
  expect(redriven.MessageId).not.toBe(MessageId);
});

test("a queue has a URL by its name, and the attributes that a request names", async () => {
  const { QueueUrl: found } = await client.send(new GetQueueUrlCommand({ QueueName: "orders" }));
  expect(found).toBe(QueueUrl);
  const attributes = async (...AttributeNames: "QueueArn"[]) =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
  expect(await attributes()).toEqual({});
  expect(await attributes("QueueArn")).toEqual({
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:orders",
  });
});

test.each([
  ["QueueDoesNotExist", () => client.send(new GetQueueUrlCommand({ QueueName: "none" }))],
  ["QueueDoesNotExist", () => receive({ QueueUrl: api.queueUrl("none") })],
  [
    "ReceiptHandleIsInvalid",
    () => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "x" })),
  ],
  ["InvalidParameterValue", () => receive({ MaxNumberOfMessages: 11 })],
  ["InvalidParameterValue", () => receive({ WaitTimeSeconds: 21 })],
  ["InvalidParameterValue", () => receive({ VisibilityTimeout: 43_201 })],
  ["InvalidParameterValue", () => send("a".repeat(1_048_577))],
  ["InvalidMessageContents", () => send("\u0001")],
  ["UnsupportedOperation", () => receive({ ReceiveRequestAttemptId: "1" })],
  ["UnsupportedOperation", () => client.send(new PurgeQueueCommand({ QueueUrl }))],
])("a wrong request is refused with %s", async (code, request) => {
  const error = await request().then(
    () => undefined,
    (one: Error & { Code?: string }) => one,
  );
  expect([error?.name, error?.Code]).toContain(code);
});
