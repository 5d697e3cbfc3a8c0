import { readFileSync } from "node:fs";

const ORPHAN_POLL_MS = 500;

/**
 * Ends this program in order on Ctrl-C, on SIGTERM, when the terminal closes, and when the npm that
 * started it is gone: npm forwards every signal but SIGKILL, which it cannot see.
 */
export function onShutdown(close: () => Promise<void>): void {
  let isClosing = false;
  const shutDown = async (exitCode: number) => {
    if (isClosing) return;
    isClosing = true;
    await close().catch(console.error);
    process.exit(exitCode);
  };
  process.on("SIGINT", () => shutDown(130));
  process.on("SIGTERM", () => shutDown(143));
  process.on("SIGHUP", () => shutDown(129));

  if (process.env.npm_lifecycle_event === undefined) return;
  const starters = readStarters();
  setInterval(() => {
    if (readStarters() !== starters) void shutDown(1);
  }, ORPHAN_POLL_MS).unref();
}

/** The parent of this process and, if the parent is npm's shell, the shell's parent. */
function readStarters(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const [, command, parentOfParent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    return /^(ba|da|z)?sh$/.test(command ?? "")
      ? `${process.ppid} ${parentOfParent}`
      : `${process.ppid}`;
  } catch {
    // Without /proc, the direct parent has to do.
    return `${process.ppid}`;
  }
}
