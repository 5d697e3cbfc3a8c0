import { buffer } from "node:stream/consumers";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A client's wire that can be cut: the engine's answers then come from a recording. */
export interface ScriptedWire {
  /** Records the engine's answers during a run, and gives them in turn from then on. */
  record(run: () => Promise<unknown>): Promise<void>;
  /** Goes back to the first recorded answer. */
  rewind(): void;
  /** The number of recorded requests. */
  requests(): number;
  /** Sends requests with the contents of the recorded requests, by the SDK alone. */
  resend(): Promise<void>;
}

type Command = Parameters<DynamoDBClient["send"]>[0];

/** Puts the script between the client and its connections, below all work of the SDK. */
export function scriptWire(client: DynamoDBClient): ScriptedWire {
  const { requestHandler } = client.config;
  const commands: Command[] = [];
  type Handled = Awaited<ReturnType<typeof requestHandler.handle>>;
  const answers: Handled[] = [];
  let next = 0;

  return {
    requests: () => commands.length,
    async resend() {
      for (const command of commands) {
        const Same = command.constructor as new (input: unknown) => typeof command;
        await client.send(new Same(command.input) as never).catch(() => undefined);
      }
    },
    rewind: () => {
      next = 0;
    },
    async record(run) {
      const handle = requestHandler.handle.bind(requestHandler);
      const send = client.send.bind(client);
      requestHandler.handle = async (request, options) => {
        const { response } = await handle(request, options);
        const body = new Uint8Array(await buffer(response.body));
        answers.push({ response: Object.assign(response, { body }) });
        return { response };
      };
      client.send = ((command: Command, ...rest: []) => {
        commands.push(command);
        return send(command, ...rest);
      }) as typeof client.send;
      await run();
      client.send = send;
      requestHandler.handle = async () => {
        const answer = answers[next];
        next = (next + 1) % answers.length;
        if (answer === undefined) throw new Error("The wire was scripted without any answer.");
        // A copy, because the SDK writes into the response object.
        return { response: Object.assign(Object.create(answer.response), answer.response) };
      };
    },
  };
}
