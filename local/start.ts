import { type Cloud, startCloud } from "./cloud.ts";
import { readCommandLine } from "./command-line.ts";
import { onShutdown } from "./process/shutdown.ts";
import { sampleCommands, seedSample } from "./sample.ts";
import { synthesize } from "./synth.ts";

/** `npm start`: synthesizes the stack, runs it here, and says how to talk to it. */
async function start(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  let cloud: Cloud | undefined;
  onShutdown(async () => cloud?.close());

  console.log("Synthesizing the stack …");
  cloud = await startCloud({ ...options, assembly: await synthesize() });
  const holders = await seedSample(cloud);
  console.log(
    [
      `Engine: ${cloud.engine.name} (${cloud.engine.endpoint})`,
      `Runner: ${cloud.runner}`,
      `URL:    ${cloud.url}`,
      "",
      "Paste these into another terminal:",
      "",
      ...sampleCommands(cloud, holders),
      "",
      "Ctrl-C ends it.",
    ].join("\n"),
  );
}

start().catch((error) => {
  console.error((error as Error).message);
  process.exit(1);
});
