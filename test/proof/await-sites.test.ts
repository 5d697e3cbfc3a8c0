import { expect, test } from "@jest/globals";
import { reportAwaits } from "../../proof/killpoints/await-sites.ts";
import { killPoints, passedPoints, watch } from "../../proof/killpoints/hits.ts";

Object.assign(globalThis, { killPoints });

/** Runs the body of an asynchronous function whose awaits report. */
async function run(body: string): Promise<{ value: unknown; passed: readonly string[] }> {
  const { code } = reportAwaits("a.ts", `async function f() { ${body} }`);
  watch(undefined);
  const value = await new Function(`${code}; return f();`)();
  return { value, passed: passedPoints() };
}

test("an await is passed before its operand is evaluated and after its value is there", async () => {
  const { value, passed } = await run("return [await 1, await Promise.resolve(2)];");
  expect(value).toEqual([1, 2]);
  expect(passed).toEqual([
    "before a.ts:1:30",
    "after a.ts:1:30",
    "before a.ts:1:39",
    "after a.ts:1:39",
  ]);
});

test("an await inside an await is a point of its own", async () => {
  const { value, passed } = await run("return await (await [Promise.resolve(3)])[0];");
  expect(value).toBe(3);
  expect(passed).toEqual([
    "before a.ts:1:29",
    "before a.ts:1:36",
    "after a.ts:1:36",
    "after a.ts:1:29",
  ]);
});

test("an await that fails is passed and still fails", async () => {
  const { value, passed } = await run(
    "try { await Promise.reject(4); } catch (error) { return error; }",
  );
  expect(value).toBe(4);
  expect(passed).toEqual(["before a.ts:1:28", "after a.ts:1:28"]);
});

test("each turn of a `for await` loop is passed, and so is its end", async () => {
  const { value, passed } = await run(
    "const all = []; for await (const one of [5, 6]) all.push(one); return all;",
  );
  expect(value).toEqual([5, 6]);
  expect(passed).toEqual([
    "before a.ts:1:38",
    "after a.ts:1:38",
    "before a.ts:1:38, time 2",
    "after a.ts:1:38, time 2",
    "before a.ts:1:38, time 3",
    "after a.ts:1:38, time 3",
  ]);
});

test("types and comments do not disturb the rewriting", () => {
  const source =
    "export const a = (await (f() as Promise<string>)) satisfies string; // await nothing\n";
  const { sites, code } = reportAwaits("a.ts", source);
  expect(sites).toEqual([{ id: "a.ts:1:19", line: source.trim() }]);
  expect(code).toContain("(f() as Promise<string>))) satisfies string; // await nothing");
});
