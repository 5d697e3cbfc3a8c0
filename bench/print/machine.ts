import { cpus } from "node:os";

/** The date and the machine of a measurement in one line, to keep figures of several machines apart. */
export function machineLine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown CPU";
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${model}, ${cores.length} cores · ${process.platform} ${process.arch} · Node ${process.versions.node}`;
}
