import { cpus } from "node:os";

/** When and where figures were measured, in one line, so that nobody takes them for others'. */
export function machineLine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown CPU";
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${model}, ${cores.length} cores · ${process.platform} ${process.arch} · Node ${process.versions.node}`;
}
