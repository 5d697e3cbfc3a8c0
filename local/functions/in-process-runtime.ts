/**
 * The in-process runner: a small Lambda runtime for machines that cannot build AWS's own. It runs in
 * the function's process and speaks the same Runtime API, with less: handlers are asynchronous
 * functions, and there is no response streaming.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Handler = (event: unknown, context: unknown) => unknown;

const runtimeUrl = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

const handler = await loadHandler().catch(async (error) => {
  await post("init/error", describe(error));
  throw error;
});

for (;;) {
  const invocation = await fetch(`${runtimeUrl}/invocation/next`);
  const requestId = invocation.headers.get("lambda-runtime-aws-request-id") ?? "";
  try {
    const result = await handler(
      await invocation.json(),
      createContext(requestId, invocation.headers),
    );
    await post(`invocation/${requestId}/response`, result ?? null);
  } catch (error) {
    console.error(error);
    await post(`invocation/${requestId}/error`, describe(error));
  }
}

async function loadHandler(): Promise<Handler> {
  const [file = "", exportName = ""] = (process.env._HANDLER ?? "").split(/\.(?=[^.]+$)/);
  const base = join(process.env.LAMBDA_TASK_ROOT ?? ".", file);
  const path = [".mjs", ".cjs", ".js"].map((end) => base + end).find((name) => existsSync(name));
  if (!path) throw new Error(`There is no ${base}.mjs, .cjs or .js for the handler ${file}.`);
  const loaded = await import(pathToFileURL(path).href);
  const found = loaded[exportName] ?? loaded.default?.[exportName];
  if (typeof found !== "function") throw new Error(`${path} exports no function ${exportName}.`);
  return found;
}

function createContext(awsRequestId: string, headers: Headers) {
  const deadlineMs = Number(headers.get("lambda-runtime-deadline-ms"));
  return {
    awsRequestId,
    invokedFunctionArn: headers.get("lambda-runtime-invoked-function-arn"),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

async function post(path: string, body: unknown): Promise<void> {
  await fetch(`${runtimeUrl}/${path}`, { method: "POST", body: JSON.stringify(body) });
}

function describe(error: unknown) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") };
}
