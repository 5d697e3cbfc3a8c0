import { expect, test } from "@jest/globals";
import { idMemory } from "../../lib/protocol/id-memory.ts";

test("an id is remembered once it was added, and not before", () => {
  const memory = idMemory(2);
  expect(memory.has("a")).toBe(false);
  memory.add("a");
  expect(memory.has("a")).toBe(true);
});

test("the ids that were added first are forgotten first", () => {
  const memory = idMemory(2);
  for (const id of ["a", "b", "c"]) memory.add(id);
  expect(["a", "b", "c"].map(memory.has)).toEqual([false, true, true]);
});

test("an id that is added again counts as added last", () => {
  const memory = idMemory(2);
  for (const id of ["a", "b", "a", "c"]) memory.add(id);
  expect(["a", "b", "c"].map(memory.has)).toEqual([true, false, true]);
});

test("a question does not keep an id", () => {
  const memory = idMemory(2);
  for (const id of ["a", "b"]) memory.add(id);
  memory.has("a");
  memory.add("c");
  expect(memory.has("a")).toBe(false);
});

test("a memory of nothing remembers nothing", () => {
  const memory = idMemory(0);
  memory.add("a");
  expect(memory.has("a")).toBe(false);
});
