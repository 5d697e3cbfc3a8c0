import { readCommandLine } from "./command-line.ts";
import { type Sample, sampleCommands, startSample } from "./demo/sample.ts";
import { onShutdown } from "./process/shutdown.ts";

/** The sample has one schedule, and it is due every minute. */
const SCHEDULE_MS = 60_000;

/** `npm start`: synthesizes the stack, runs it here, and says how to talk to it. */
async function start(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  let sample: Sample | undefined;
  onShutdown(async () => sample?.close());

  console.log("Synthesizing the stack …");
  sample = await startSample(options);
  const { cloud, bank } = sample;
  setInterval(() => {
    cloud.runSchedules().catch((error: Error) => console.error(error.message));
  }, SCHEDULE_MS).unref();
  console.log(
    [
      `Engine: ${cloud.engine.name} (${cloud.engine.endpoint})`,
      `Runner: ${cloud.runner}`,
      `Bank:   ${bank.url}`,
      `URL:    ${cloud.url}`,
      "",
      "Paste these into another terminal:",
      "",
      ...sampleCommands(sample),
      "",
      "Ctrl-C ends it.",
    ].join("\n"),
  );
}

start().catch((error) => {
  console.error((error as Error).message);
  process.exit(1);
});
