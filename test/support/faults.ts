import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The fate of one request on its way. */
export type Fault =
  /** The request does not arrive. */
  | "lost-request"
  /** The request is carried out, and its answer does not arrive. */
  | "lost-answer"
  | "throttled"
  /** Two transactions collide. No engine on this machine brings that about by itself. */
  | "collided"
  | "missing-table"
  | "none";

/**
 * Decides the fate of each attempt of each command, the SDK's own retries included. The engine
 * carries out every request that arrives.
 */
export function injectFaults(
  client: DynamoDBClient,
  decide: (command: string, attempt: number) => Fault | Promise<Fault>,
): { readonly sent: string[] } {
  const sent: string[] = [];
  const attempts = new Map<string, number>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command =
        (context as { commandName?: string }).commandName?.replace("Command", "") ?? "";
      const attempt = (attempts.get(command) ?? 0) + 1;
      attempts.set(command, attempt);
      const fault = await decide(command, attempt);
      if (fault === "lost-request") throw timeout();
      if (fault === "throttled") throw throttled();
      if (fault === "collided") throw collided();
      if (fault === "missing-table") throw missingTable();
      sent.push(command);
      const answer = next(args);
      if (fault === "none") return answer;
      await answer.catch(() => {});
      throw timeout();
    },
    // Inside the SDK's retry loop, so that its retries meet faults as well.
    { step: "finalizeRequest", priority: "low", name: "faults" },
  );
  return { sent };
}

function timeout(): Error {
  return Object.assign(new Error("the answer did not arrive"), { name: "TimeoutError" });
}

function throttled(): Error {
  return Object.assign(new Error("slow down"), {
    name: "ProvisionedThroughputExceededException",
    $metadata: { httpStatusCode: 400 },
  });
}

function missingTable(): Error {
  return Object.assign(new Error("Requested resource not found"), {
    name: "ResourceNotFoundException",
    $metadata: { httpStatusCode: 400 },
  });
}

function collided(): Error {
  return Object.assign(new Error("Transaction cancelled"), {
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }, { Code: "None" }],
    $metadata: { httpStatusCode: 400 },
  });
}
