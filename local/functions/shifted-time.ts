import { readFileSync } from "node:fs";

/*
 * Loaded into a function's process before the function, to give it the time of a `MovableClock`. The
 * function does not know the clock, so the code that runs is the code that deploys.
 */

const file = new URL(import.meta.url).searchParams.get("file") ?? "";
const MachineDate = Date;

const now = () => MachineDate.now() + Number(readFileSync(file, "utf8"));

globalThis.Date = new Proxy(MachineDate, {
  construct: (target, parts, newTarget) =>
    Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
  apply: () => new MachineDate(now()).toString(),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
