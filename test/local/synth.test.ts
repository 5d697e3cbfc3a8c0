import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { contentDigest } from "../../local/synth/content-digest.ts";
import { cachedFolder } from "../../local/synth/folder-cache.ts";
import { INPUTS } from "../../local/synth.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "synth-"));
});

describe("the digest of sources", () => {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const digest = (...more: string[]) => contentDigest(folder, ["src", "lock.json"], more);

  test("is the same for the same files", () => {
    write("src/a/b.ts", "1");
    write("lock.json", "{}");
    expect(digest()).toBe(digest());
  });

  test.each([
    ["an edited file", () => write("src/a/b.ts", "2")],
    ["a new file", () => write("src/a/c.ts", "")],
    ["a file that did not exist before", () => write("lock.json", "{}")],
    ["bytes that move from one file to the next", () => write("src/a/b.ts", "12")],
  ])("is another one with %s", (_, change) => {
    write("src/a/b.ts", "1");
    write("src/a/d.ts", "2");
    const before = digest();
    change();
    expect(digest()).not.toBe(before);
  });

  test("covers the texts beside the files, and nothing outside of the paths", () => {
    write("src/a.ts", "1");
    const before = digest("v24");
    write("other.ts", "1");
    expect(digest("v24")).toBe(before);
    expect(digest("v22")).not.toBe(before);
  });
});

describe("a folder that is cached", () => {
  /** Makes the folder of a key, with a file in it. */
  function makeFolder(key: string, text = key) {
    return cachedFolder(folder, key, async (made) => {
      writeFileSync(join(made, "file"), text);
      return true;
    });
  }

  test("is made once for those that ask at the same time and later", async () => {
    let count = 0;
    const ask = () =>
      cachedFolder(folder, "key", async (made) => {
        count += 1;
        await new Promise(setImmediate);
        writeFileSync(join(made, "file"), "text");
        return true;
      });
    const [one, other] = await Promise.all([ask(), ask()]);
    const [later] = await Promise.all([ask()]);
    expect([count, other, later]).toEqual([1, one, one]);
    expect(readFileSync(join(one ?? "", "file"), "utf8")).toBe("text");
  });

  test("does not exist while it is made, nor when that fails", async () => {
    const failing = cachedFolder(folder, "key", async () => {
      expect(existsSync(join(folder, "key"))).toBe(false);
      throw new Error("the app failed");
    });
    await expect(failing).rejects.toThrow("the app failed");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is not kept where its content does not belong to the key", async () => {
    expect(await cachedFolder(folder, "key", async () => false)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is made again after a process died that made it", async () => {
    const noProcess = 2 ** 31 - 1;
    mkdirSync(join(folder, `key.${noProcess}.id`));
    expect(readdirSync((await makeFolder("key")) ?? "")).toEqual(["file"]);
    expect(readdirSync(folder)).toEqual(["key"]);
  });

  test("takes the place of those with other keys, but not of those that are being made", async () => {
    await makeFolder("old");
    mkdirSync(join(folder, `other.${process.pid}.id`));
    await makeFolder("new");
    expect(readdirSync(folder).sort()).toEqual(["new", `other.${process.pid}.id`]);
  });
});

test("the digest of the stack covers every file that the app and its functions import", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const imported = new Set<string>();
  const visit = (file: string): void => {
    if (imported.has(file)) return;
    imported.add(file);
    const source = readFileSync(join(root, file), "utf8");
    for (const [, specifier = ""] of source.matchAll(/(?:from|import) \(?"(\.[^"]+)"/g)) {
      if (file.endsWith(".ts")) visit(join(dirname(file), specifier));
    }
  };
  visit("bin/app.ts");
  for (const entry of readdirSync(join(root, "lambda"), { recursive: true, encoding: "utf8" })) {
    if (entry.endsWith(".ts")) visit(join("lambda", entry));
  }
  expect(imported.size).toBeGreaterThan(100);
  const isInput = (file: string) => INPUTS.some((input) => !relative(input, file).startsWith(".."));
  expect([...imported].filter((file) => !isInput(file))).toEqual([]);
});
