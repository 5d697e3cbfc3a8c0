import { pathToFileURL } from "node:url";
import type { PlantedFault } from "../kit/planted-faults.ts";
import type { Invocation, InvocationResult } from "./function-process.ts";
import { killPoints, passedPoints, watch } from "./hits.ts";
import { plantInto } from "./planting.ts";

/*
 * The process of a function: loads a function and runs one invocation at a time. It dies at the
 * invocation's point, and when its parent process ends.
 */

Object.assign(globalThis, { killPoints });
const { WITHOUT } = process.env;
if (WITHOUT) plantInto(WITHOUT as PlantedFault);

type Handler = (event: unknown, context: object) => Promise<unknown>;

async function run({ module, event, dieAt, timeoutMs }: Invocation): Promise<InvocationResult> {
  const { handler } = (await import(pathToFileURL(module).href)) as { handler: Handler };
  watch(dieAt);
  const deadlineMs = Date.now() + timeoutMs;
  const context = {
    functionName: "function",
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    const response = await handler(event, context);
    return { kind: "returned", response, passed: passedPoints() };
  } catch (error) {
    const { name, message } = error as Error;
    return { kind: "threw", error: { name, message }, passed: passedPoints() };
  }
}

process.on("message", (invocation: Invocation) => {
  void run(invocation).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit());
