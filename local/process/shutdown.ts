import { readFileSync } from "node:fs";

const ORPHAN_POLL_MS = 500;

/**
 * Ends this program in order when it is asked to (Ctrl-C, SIGTERM, a closed terminal), and when the
 * npm that started it is gone: npm passes on every signal but the SIGKILL that it cannot see.
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
  const starters = startersOf();
  setInterval(() => {
    if (startersOf() !== starters) void shutDown(1);
  }, ORPHAN_POLL_MS).unref();
}

/** Our parent and, where npm has put a shell between us, the parent of that. */
function startersOf(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const [, command, parentOfParent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
    return /^(ba|da|z)?sh$/.test(command ?? "")
      ? `${process.ppid} ${parentOfParent}`
      : `${process.ppid}`;
  } catch {
    // No /proc: the direct parent has to do.
    return `${process.ppid}`;
  }
}
